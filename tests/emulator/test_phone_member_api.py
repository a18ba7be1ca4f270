"""The mini-program's side of the API: it logs in by itself, and a repeated tap never becomes a second request."""

from collections.abc import AsyncIterator

import httpx
import pytest

from emulator.phone.clients.control import ControlClient
from emulator.phone.clients.http_call import Refused, Unreachable
from emulator.phone.clients.member_api import MemberApi
from tests.emulator.harness import Emulator
from tests.emulator.member_server import MemberServer, listening_member_server


@pytest.fixture
async def server() -> AsyncIterator[MemberServer]:
    async with listening_member_server() as listening:
        yield listening


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as open_client:
        yield open_client


@pytest.fixture
async def api(client: httpx.AsyncClient, server: MemberServer, emulator: Emulator) -> MemberApi:
    phone = await emulator.phone()
    return MemberApi(client, server.url, ControlClient(client, emulator.base_url), phone.phone_id)


async def test_it_logs_in_once_and_again_when_the_session_is_gone(
    api: MemberApi, server: MemberServer
) -> None:
    await api.get("/me")
    await api.get("/me")
    assert server.logins == 1
    server.logins = 7  # the token it holds is of an older session now
    assert (await api.get("/me"))["balance"] == 100
    assert server.logins == 8


async def test_a_list_is_read_to_its_end(api: MemberApi, server: MemberServer) -> None:
    server.shelves = {None: (["a", "b"], "2"), "2": (["c", "d"], "4"), "4": (["e"], None)}
    assert [reward["id"] for reward in await api.get_all("/rewards")] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("status", "same_key"),
    [(409, False), (422, False), (500, True), (503, True)],
)
async def test_a_request_key_lives_until_an_answer_settles_it(
    api: MemberApi, server: MemberServer, status: int, same_key: bool
) -> None:
    server.refusals = [(status, {"title": "积分不足"})]
    with pytest.raises(Refused):
        await api.post_idempotent("/check-ins", {})
    await api.post_idempotent("/check-ins", {})
    first, second = server.keys
    assert (first == second) is same_key


async def test_two_settled_requests_have_two_keys(api: MemberApi, server: MemberServer) -> None:
    await api.post_idempotent("/check-ins", {})
    await api.post_idempotent("/check-ins", {})
    assert len(set(server.keys)) == 2


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        ({"title": "积分不足", "detail": "还差 5 积分。"}, "积分不足\n还差 5 积分。"),
        ({"title": "积分不足"}, "积分不足"),
        ({}, "没有成功，请再试一次"),
    ],
)
async def test_a_refusal_speaks_the_servers_words(
    api: MemberApi, server: MemberServer, problem: dict[str, str], sentence: str
) -> None:
    server.refusals = [(409, problem)]
    with pytest.raises(Refused) as caught:
        await api.post_idempotent("/check-ins", {})
    assert str(caught.value) == sentence


async def test_a_server_that_is_not_there(
    client: httpx.AsyncClient, emulator: Emulator, unused_tcp_port: int
) -> None:
    phone = await emulator.phone()
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    api = MemberApi(client, nowhere, ControlClient(client, emulator.base_url), phone.phone_id)
    with pytest.raises(Unreachable, match="服务还没有启动"):
        await api.get("/me")
