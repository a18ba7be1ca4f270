"""What the console refuses, and what its answers carry: strangers, other sites, sessions that ended."""

import re
from typing import Final

import aiohttp
import httpx
import pytest

from console.guard import COOKIE
from operators.access.people import add_operator, disable_operator, enable_operator
from operators.sessions import end_sessions_of
from tests.console.shop import Shop, words_of
from tests.operators.desks import Person, owner_desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOCKET: Final = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
POLLING: Final = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
FOREIGN: Final = ("https://evil.example", "null", "http://127.0.0.1:1", "", None)


@pytest.mark.parametrize(
    ("path", "login"),
    [
        ("/", "/login?next=%2F"),
        ("/members?status=frozen&name=%E5%B0%8F", "/login?next=%2Fmembers%3Fstatus%3Dfrozen%26name%3D%25E5%25B0%258F"),
        ("/rules/file/1", "/login?next=%2Frules%2Ffile%2F1"),
        ("/no-such-page", "/login?next=%2Fno-such-page"),
        (POLLING, "/login?next=" + "%2F_nicegui_ws%2Fsocket.io%2F%3FEIO%3D4%26transport%3Dpolling"),
    ],
)  # fmt: skip
async def test_a_stranger_is_led_to_the_log_in(shop: Shop, path: str, login: str) -> None:
    answer = await (await shop.stranger()).get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, login)


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/members?status=frozen", "/members?status=frozen"), ("", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example/", "/"), ("javascript:alert(1)", "/"), ("/\t/evil.example", "/"), ("\\\\evil", "/"),
        ("/%5Cevil", "/%5Cevil"), ("///evil.example", "/"), ("/members\r\nSet-Cookie: a=b", "/members%0D%0ASet-Cookie:%20a=b"),
    ],
)  # fmt: skip
async def test_a_log_in_leads_to_pages_of_the_console_alone(shop: Shop, wanted: str, led_to: str) -> None:
    client = await shop.stranger()
    given = await shop.given(shop.people["finance"]) | {"next": wanted}
    answer = await client.post("/login", data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, led_to)
    assert answer.headers.get_list("set-cookie")[0].startswith(f"{COOKIE}=")
    assert len(answer.headers.get_list("set-cookie")) == 1


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ["/login", "/logout", "/set-up", "/members", POLLING])
async def test_a_form_of_another_site_is_refused(shop: Shop, path: str, origin: str | None) -> None:
    cookie = (await shop.at("owner")).cookies[COOKIE]
    async with httpx.AsyncClient(base_url=shop.url, trust_env=False, cookies={COOKIE: cookie}) as client:
        answer = await client.post(
            path, data={"a": "b"}, headers={} if origin is None else {"Origin": origin}
        )
    assert (answer.status_code, answer.text) == (403, "请求不是从后台的页面来的，已拒绝。")
    assert (await (await shop.at("owner")).get("/search")).status_code == 200


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_socket_of_another_site_is_refused(shop: Shop, origin: str | None) -> None:
    cookie = (await shop.at("owner")).cookies[COOKIE]
    assert await _socket_status(shop, origin, cookie) == 403
    assert await _socket_status(shop, shop.url, None) == 403
    assert await _socket_status(shop, shop.url, "no-such-session") == 403
    assert await _socket_status(shop, shop.url, cookie) == 101


@pytest.mark.parametrize(
    "path", ["/login", "/", "/no-such-page", "/healthz", "/console.css", "/rules/file/1", "/rules/file/x"]
)
async def test_every_answer_has_the_headers_of_safety(shop: Shop, path: str) -> None:
    for client in (await shop.stranger(), await shop.at("owner")):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"


async def test_the_cookie_is_for_the_browser_alone(shop: Shop) -> None:
    client = await shop.stranger()
    answer = await client.post("/login", data=await shop.given(shop.people["auditor"]))
    flags = {part.strip().lower().partition("=")[0] for part in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite", "max-age", "path"} <= flags
    assert "secure" not in flags  # plain HTTP, as in the demo
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    host = shop.url.removeprefix("http://")
    behind_tls = await client.post(
        "/login", data=await shop.given(shop.people["auditor"]), headers={"Origin": f"https://{host}"}
    )
    assert "secure" in behind_tls.headers["set-cookie"].lower()


async def test_logging_out_ends_the_session_itself(shop: Shop) -> None:
    client = await shop.log_in(shop.people["auditor"])
    kept = client.cookies[COOKIE]
    assert (await client.get("/search")).status_code == 200
    answer = await client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    client.cookies.set(COOKIE, kept)
    assert (await client.get("/search")).status_code == 303
    assert (await client.post("/logout")).status_code == 303


async def test_an_idle_session_ends(shop: Shop) -> None:
    client = await shop.log_in(shop.people["auditor"])
    await shop.advance(29 * 60)
    assert (await client.get("/search")).status_code == 200
    await shop.advance(31 * 60)
    assert (await client.get("/search")).status_code == 303
    shop.forget_log_ins()


async def test_an_ended_or_disabled_operator_is_out_at_once(shop: Shop) -> None:
    one, desk = shop.people["auditor"], owner_desk(shop.ledger)
    client = await shop.log_in(one)
    operator_id = await shop.ledger.pool.fetchval(
        "SELECT operator_id FROM operator WHERE name = $1", one.name
    )
    async with shop.ledger.pool.acquire() as connection:
        await end_sessions_of(connection, operator_id, shop.ledger.clock.now())
    assert (await client.get("/search")).status_code == 303
    client = await shop.log_in(one)
    await disable_operator(desk, one.name, "离职")
    assert (await client.get("/search")).status_code == 303
    refused = await (await shop.stranger()).post("/login", data=await shop.given(one))
    assert refused.status_code == 401
    await enable_operator(desk, one.name, "回来了")
    assert (await (await shop.log_in(one)).get("/search")).status_code == 200


async def test_the_first_log_in_sets_password_and_authenticator(shop: Shop) -> None:
    once = await add_operator(owner_desk(shop.ledger), "新来的", "finance")
    client = await shop.stranger()
    begun = await client.post("/login", data={"name": "新来的", "password": once, "code": ""})
    assert "第一次登录：设置密码" in begun.text
    assert "<svg" in begun.text
    assert client.cookies.get(COOKIE) is None
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', begun.text))
    one = Person(shop.ledger, "新来的", hidden["secret"])
    for password, again, code, sentence in (
        ("long-enough-77", "another-77-xx", one.code(), "两次输入的密码不一样。"),
        ("short", "short", one.code(), "密码"),
        ("long-enough-77", "long-enough-77", "000000", "验证码不对"),
    ):
        given = hidden | {"password": password, "again": again, "code": code}
        refused = await client.post("/set-up", data=given)
        assert refused.status_code == 422
        assert sentence in words_of(refused.text)
    done = await client.post(
        "/set-up", data=hidden | {"password": "long-enough-77", "again": "long-enough-77", "code": one.code()}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await client.get("/search")).status_code == 200
    one.password = "long-enough-77"  # a test's own
    assert (await (await shop.log_in(one)).get("/search")).status_code == 200


async def test_wrong_log_ins_wait_longer_and_longer(shop: Shop) -> None:
    client = await shop.stranger()
    sentences = []
    for _ in range(12):
        answer = await client.post("/login", data={"name": "<b>谁</b>", "password": "x", "code": "1"})
        assert answer.status_code == 401
        assert "<b>谁</b>" not in answer.text
        sentences.append(words_of(answer.text))
    assert "名字、密码或验证码不对" in sentences[0]
    assert re.search(r"试错的次数太多，请 \d+ (秒|分钟)后再试。", sentences[-1])
    await shop.advance(24 * 3600)
    shop.forget_log_ins()


@pytest.mark.parametrize(
    ("data", "status"),
    [({"name": "x" * 501}, 422), ({"name": "x" * 10_000_000}, 413), ({"next": "y" * 9_000}, 422)],
)
async def test_what_is_too_long_is_answered_with_a_sentence(
    shop: Shop, data: dict[str, str], status: int
) -> None:
    answer = await (await shop.stranger()).post("/login", data=data)
    assert answer.status_code == status
    assert re.search("[一-鿿]+。", words_of(answer.text))
    assert "detail" not in answer.text


async def _socket_status(shop: Shop, origin: str | None, cookie: str | None) -> int:
    headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
    headers |= {} if origin is None else {"Origin": origin}
    async with aiohttp.ClientSession() as http:
        try:
            async with http.ws_connect(shop.url + SOCKET, headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/no-such-page", 404),
        ("/rules/file/x", 404),
        ("/rules/file/99999999999999999999", 404),
        ("/logout", 404),
        ("/members/99999999999999999999", 200),
        ("/rules/history/" + "9" * 5000, 200),
    ],
)
async def test_an_address_that_leads_nowhere_is_answered_with_a_sentence(
    shop: Shop, path: str, status: int
) -> None:
    answer = await (await shop.at("owner")).get(path)
    assert answer.status_code == status
    assert re.search("[一-鿿]+。", words_of(answer.text))
    assert "detail" not in answer.text
