"""What holds for every path: sessions, keys, bodies, unknown paths, other people's things."""

import asyncio
import gzip
from typing import Any

from miniapp_api.app import OPERATIONS
from tests.house import House
from tests.miniapp_api.client import Mini, mini, send
from web.operations import Operation
from web.security import MEMBER_SESSION, NONE

KEYED: list[tuple[str, Any]] = [
    ("/check-ins", {}),
    ("/wheels/lucky/draws", {"count": 1}),
    ("/redemptions", {"reward_id": "cookie", "quantity": 1}),
    ("/redemptions/1-0/cancel", {}),
]


def _path(operation: Operation) -> str:
    filled = operation.path.replace("{wheel}", "lucky").replace("{reward}", "cookie")
    filled = filled.replace("{poll}", "taste")
    return filled.replace("{draw}", "1-1").replace("{redemption}", "1-0")


async def test_every_path_but_login_needs_a_session(house: House) -> None:
    for operation in OPERATIONS:
        answer = await send(house, operation.method, _path(operation))
        expected = (400, "body_unreadable") if operation.security is NONE else (401, "unauthorized")
        assert (answer.status, answer.code) == expected, operation.name
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_unknown_paths_and_methods(house: House) -> None:
    for path in ("", "/nope", "/", "/me/", "/wheels/lucky/draws/1", "/communities"):
        answer = await send(house, "GET", path)
        assert (answer.status, answer.code) == (404, "not_found"), path
    answer = await send(house, "DELETE", "/rewards")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")):
        assert answer.headers[name] == value


async def test_a_problem_says_who_asked_what(house: House) -> None:
    answer, missing = (
        await send(house, "GET", "/me", {"X-Request-Id": "phone-0001"}),
        MEMBER_SESSION.unauthorized(),
    )
    assert answer.headers["X-Request-Id"] == answer.json["request_id"] == "phone-0001"
    assert answer.json == {
        "type": "about:blank",
        "title": missing.kind.title,
        "status": 401,
        "code": "unauthorized",
        "detail": missing.detail,
        "request_id": "phone-0001",
    }
    forged = await send(house, "GET", "/me", {"X-Request-Id": "x" * 500})
    assert len(forged.headers["X-Request-Id"]) == 16


async def test_a_key_is_needed(ming: Mini) -> None:
    for path, body in KEYED:
        missing = await ming.post(path, body)
        assert (missing.status, missing.code) == (400, "idempotency_key_missing"), path
        assert (await ming.post(path, body, key="")).code == "idempotency_key_missing"
        for key in ("a b", "x" * 65, "签到".encode().decode("latin-1")):
            invalid = await ming.post(path, body, key=key)
            assert (invalid.status, invalid.code) == (400, "idempotency_key_invalid"), key
    assert await ming.house.ledger.balance(ming.member_id) == 100


async def test_keys_of_every_allowed_form(ming: Mini) -> None:
    for key in ("!", "~" * 64, "oa:1", "api:api:x", "';--"):
        answer = await ming.post("/redemptions", {"reward_id": "nope", "quantity": 1}, key=key)
        assert answer.code == "unknown_reward", key


async def test_a_key_names_one_request(ming: Mini) -> None:
    """Shared between routes, or with another body: refused by name, nothing moves."""
    first = await ming.post("/redemptions", {"reward_id": "cookie", "quantity": 1}, key="k")
    assert first.status == 201
    for path, body in (
        ("/redemptions", {"reward_id": "cookie", "quantity": 2}),
        ("/redemptions", {"reward_id": "americano", "quantity": 1}),
        ("/wheels/lucky/draws", {"count": 1}),
        ("/check-ins", {}),
        (f"/redemptions/{first.json['id']}/cancel", {}),
    ):
        answer = await ming.post(path, body, key="k")
        assert (answer.status, answer.code) == (422, "idempotency_key_reused"), path
        assert not answer.replayed
    assert (await ming.get("/me")).json["balance"] == 40


async def test_one_key_twenty_times_at_once(ming: Mini) -> None:
    body = {"reward_id": "cookie", "quantity": 1}
    answers = await asyncio.gather(*(ming.post("/redemptions", body, key="tap") for _ in range(20)))
    assert {(answer.status, answer.raw) for answer in answers} == {(201, answers[0].raw)}
    assert sum(not answer.replayed for answer in answers) == 1
    assert await ming.house.ledger.count("redemption") == 1


async def test_a_key_belongs_to_its_member(ming: Mini) -> None:
    """Another member's key, guessed, starts a request of one's own and shows nothing of theirs."""
    hong = await mini(ming.house, "小红")
    hers = await hong.post("/redemptions", {"reward_id": "cookie", "quantity": 1}, key="shared")
    mine = await ming.post("/redemptions", {"reward_id": "cookie", "quantity": 1}, key="shared")
    assert (hers.status, mine.status) == (201, 201)
    assert not mine.replayed
    assert mine.json["voucher"] != hers.json["voucher"]


async def test_other_peoples_things(ming: Mini) -> None:
    """Only the session's member counts, whatever ids are in path, query, body and headers."""
    hong = await mini(ming.house, "小红")
    await hong.house.ledger.give(hong.member_id, 130)
    bought = (await hong.once("/redemptions", {"reward_id": "cookie", "quantity": 1})).json
    drawn = (await hong.once("/wheels/lucky/draws", {"count": 1})).json["draws"][0]
    spoofed = {**ming.headers, "X-Member-Id": str(hong.member_id), "X-WX-Openid": "o-hong"}
    for path, code in (
        (f"/redemptions/{bought['id']}", "unknown_redemption"),
        (f"/draws/{drawn['id']}/proof", "unknown_draw"),
    ):
        answer = await send(ming.house, "GET", path, spoofed)
        assert (answer.status, answer.code) == (404, code)
    cancelled = await ming.once(f"/redemptions/{bought['id']}/cancel", {})
    assert (cancelled.status, cancelled.code) == (404, "unknown_redemption")
    for path in ("/redemptions", "/draws"):
        listed = await send(ming.house, "GET", path, spoofed, query={"member_id": str(hong.member_id)})
        assert listed.json["items"] == [], path
    me = await send(ming.house, "GET", "/me", spoofed, query={"member_id": str(hong.member_id)})
    assert me.json["member_id"] == ming.member_id
    assert (await hong.get(f"/redemptions/{bought['id']}")).json["state"] == "issued"


UNREADABLE: list[tuple[bytes, int, str]] = [
    (b"", 400, "body_unreadable"),
    (b"{", 400, "body_unreadable"),
    (b"null", 422, "invalid"),
    (b"[]", 422, "invalid"),
    (b'"text"', 422, "invalid"),
    (b"\xff\xfe", 400, "body_unreadable"),
    (b"\xef\xbb\xbf{}", 400, "body_unreadable"),
    (b"{}{}", 400, "body_unreadable"),
    (b"{'count': 1}", 400, "body_unreadable"),
    (b'{"count": 1, "count": 10}', 400, "body_unreadable"),
    (b'{"count": NaN}', 400, "body_unreadable"),
    (b'{"count": -Infinity}', 400, "body_unreadable"),
    (b'{"count": 1e999}', 400, "body_unreadable"),
    (b'{"count": ' + b"9" * 5000 + b"}", 400, "body_unreadable"),
    (b'{"count": 1e0}', 422, "invalid"),
    (b'{"count": 18446744073709551617}', 422, "invalid"),
    (b'{"count": 1, "client_seed": "\\ud800"}', 400, "body_unreadable"),
    (b"[" * 30_000, 400, "body_unreadable"),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "body_unreadable"),
    (b'{"count": 1, "client_seed": "' + b"x" * 70_000 + b'"}', 413, "body_too_large"),
]


async def test_bodies_that_are_none(ming: Mini) -> None:
    headers = {**ming.headers, "Idempotency-Key": "k", "Content-Type": "application/json"}
    for data, status, code in UNREADABLE:
        answer = await send(ming.house, "POST", "/wheels/lucky/draws", headers, data=data)
        assert (answer.status, answer.code) == (status, code), data[:60]
    assert await ming.house.ledger.count("draw") == 0
    assert (await ming.get("/me")).status == 200


async def test_a_body_sent_in_pieces_is_bounded_too(ming: Mini) -> None:
    async def pieces() -> Any:
        for _ in range(200):
            yield b" " * 1024

    async with ming.house.http.post(
        f"{ming.house.server_url}/api/v1/check-ins",
        headers={**ming.headers, "Idempotency-Key": "k"},
        data=pieces(),
    ) as answer:
        assert answer.status == 413


async def test_packed_bodies_are_bounded_by_what_they_unpack_to(ming: Mini) -> None:
    headers = {**ming.headers, "Idempotency-Key": "k", "Content-Encoding": "gzip"}
    bomb = await send(ming.house, "POST", "/check-ins", headers, data=gzip.compress(b" " * 30_000_000))
    assert (bomb.status, bomb.code) == (413, "body_too_large")
    assert (await send(ming.house, "POST", "/check-ins", headers, data=gzip.compress(b"{}"))).status == 201


async def test_a_fault_of_ours_shows_nothing_of_the_inside(ming: Mini) -> None:
    pool = ming.house.resources.pool
    await pool.execute("ALTER TABLE session RENAME TO session_away")
    try:
        broken = await ming.post("/check-ins", {}, key="k")
    finally:
        await pool.execute("ALTER TABLE session_away RENAME TO session")
    assert (broken.status, broken.code) == (500, "internal_error")
    assert set(broken.json) == {"type", "title", "status", "code", "detail", "request_id"}
    assert (await ming.post("/check-ins", {}, key="k")).status == 201


async def test_without_rules_the_door_asks_to_come_back(ming: Mini) -> None:
    await ming.house.resources.pool.execute("DELETE FROM rule_version")
    answer = await ming.get("/wheels")
    assert (answer.status, answer.code) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
