"""The request pipeline serves callers of another kind than members, here the tills of an invented partner API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.ledger import Ledger
from tests.web.partner import API, BUSY, SignInBody, till_server
from web.answers import json_answer
from web.bodies import Nothing
from web.openapi import openapi
from web.requests import ApiRequest, Pipeline
from web.security import NONE, PARTNER_KEY

Client = TestClient[web.Request, web.Application]
Answered = tuple[int, Any, bool]

TILL_1, TILL_2 = "jf_live_till-1", "jf_live_till-2"


@pytest.fixture
async def client(ledger: Ledger) -> AsyncIterator[Client]:
    async with TestClient(TestServer(till_server(ledger))) as opened:
        yield opened


async def sign_in(client: Client, member_id: Any, *, key: str | None = "k", till: str = TILL_1) -> Answered:
    """Status, JSON without the request's id, and whether it was a replay."""
    headers = {"Authorization": f"Bearer {till}"} | ({} if key is None else {"Idempotency-Key": key})
    async with client.post("/till/sign-ins", json={"member_id": member_id}, headers=headers) as answer:
        told = {name: value for name, value in (await answer.json()).items() if name != "request_id"}
        return answer.status, told, answer.headers.get("Idempotency-Replayed") == "true"


async def test_a_command_of_another_kind_of_caller(client: Client, ledger: Ledger) -> None:
    member_id = await ledger.member()
    status, done, replayed = await sign_in(client, member_id)
    assert (status, replayed) == (201, False)
    assert done == {"day": "2026-03-02", "points": 10}
    async with client.get(
        f"/till/points/{member_id}", headers={"Authorization": f"Bearer {TILL_1}"}
    ) as shown:
        assert await shown.json() == {"balance": await ledger.balance(member_id), "till": "1"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer jf_live_unknown"},
        {"Authorization": "Basic jf_live_till-1"},
        {"Authorization": f"Bearer {'A' * 43}"},
        {"Cookie": "jifen_operator=jf_live_till-1"},
    ],
)
async def test_without_a_known_key(client: Client, ledger: Ledger, headers: dict[str, str]) -> None:
    """The pipeline answers 401 before it looks at the request key or the body."""
    for method, path in (("GET", "/till/points/1"), ("POST", "/till/sign-ins")):
        async with client.request(method, path, data=b"{", headers=headers) as answer:
            problem = await answer.json(content_type="application/problem+json")
            assert answer.status == problem["status"] == 401
            assert (problem["code"], problem["detail"]) == ("unauthorized", PARTNER_KEY.unauthorized().detail)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert problem["request_id"] == answer.headers["X-Request-Id"]


async def test_a_kind_may_refuse_a_caller_in_its_own_way(client: Client) -> None:
    async with client.get("/till/points/1", headers={"Authorization": f"Bearer {BUSY}"}) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "1"


async def test_the_request_key_is_checked_before_the_body(client: Client, ledger: Ledger) -> None:
    member_id = await ledger.member()
    assert (await sign_in(client, "no id", key=None))[1]["code"] == "idempotency_key_missing"
    assert (await sign_in(client, "no id", key="a b"))[1]["code"] == "idempotency_key_invalid"
    assert (await sign_in(client, "no id"))[0] == 422
    assert await ledger.balance(member_id) == 100


async def test_a_repeat_is_a_replay(client: Client, ledger: Ledger) -> None:
    member_id = await ledger.member()
    answers = await asyncio.gather(*(sign_in(client, member_id) for _ in range(10)))
    assert sorted(replayed for _, _, replayed in answers) == [False] + [True] * 9
    assert {(status, str(told)) for status, told, _ in answers} == {(201, str(answers[0][1]))}
    assert await ledger.count("check_in") == 1


async def test_a_repeat_of_a_refusal_is_a_replay(client: Client, ledger: Ledger) -> None:
    member_id = await ledger.member()
    await sign_in(client, member_id)
    first, again = await sign_in(client, member_id, key="l"), await sign_in(client, member_id, key="l")
    assert (first[0], first[1]["code"], first[2]) == (409, "already_checked_in", False)
    assert again == (first[0], first[1], True)


async def test_callers_do_not_share_request_keys(client: Client, ledger: Ledger) -> None:
    """Two tills that use one key for one member made two requests, so the second one is refused and not replayed."""
    member_id = await ledger.member()
    assert (await sign_in(client, member_id, till=TILL_1))[0] == 201
    status, told, replayed = await sign_in(client, member_id, till=TILL_2)
    assert (status, told["code"], replayed) == (409, "already_checked_in", False)
    assert await ledger.pool.fetch(
        "SELECT request_key FROM receipt WHERE request_key LIKE '%k' ORDER BY no"
    ) == [
        ("till:1:k",),
        ("till:2:k",),
    ]


async def test_a_path_without_a_route_is_a_problem_below_the_prefix_only(client: Client) -> None:
    for path, expected in (("/till", "application/problem+json"), ("/tills", "text/plain")):
        async with client.get(path) as answer:
            assert (answer.status, answer.content_type) == (404, expected)


def test_the_description_names_the_key() -> None:
    described = openapi("收银台", "0", [API])
    assert described["components"]["securitySchemes"] == {"partner_key": {"type": "http", "scheme": "bearer"}}
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"partner_key": []}]
            assert {"401", "429"} <= set(operation["responses"])
    posted = described["paths"]["/till/sign-ins"]["post"]
    assert [one["name"] for one in posted["parameters"]] == ["Idempotency-Key"]
    assert posted["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
        SignInBody.__name__
    )


@pytest.mark.parametrize("keyed", ["required", "optional"])
def test_nobody_owns_the_request_key_of_a_public_operation(keyed: Any) -> None:
    async def anybody(_: web.Request, __: str) -> Any:
        return None

    async def handle(_: ApiRequest[Any], __: Nothing) -> web.Response:
        return json_answer({})

    with pytest.raises(ValueError, match="no request keys"):
        Pipeline(NONE, anybody).with_body("POST", "/", handle, "", Nothing, dict, keyed=keyed)
