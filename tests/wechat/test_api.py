"""What becomes of a call: errcodes, broken connections, repeats, counted on the wire."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from tests.wechat.conftest import Clock
from tests.wechat.platform import (
    APP_ID,
    OPENID,
    SECRET,
    Drop,
    Misbehaviour,
    Platform,
    Raw,
    Slow,
    refusal,
)
from wechat.api import Account, ApiClient
from wechat.errcodes import meaning, read_errcode
from wechat.errors import (
    ApiError,
    BadRequest,
    LoginRejected,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    TokenRejected,
    Transient,
    Undeliverable,
    UnexpectedErrcode,
)
from wechat.mini_program import MiniProgramApi
from wechat.official_account import OfficialAccountApi

USER_API = "/cgi-bin/user/info"
SEND_API = "/cgi-bin/message/template/send"


async def send(api: OfficialAccountApi) -> str:
    return await api.send_template(OPENID, "T1", {"thing1": "签到"}, "grant-42")


@pytest.mark.parametrize(
    ("errcode", "error"),
    [
        (-1, Transient),
        (61080, Transient),
        (40001, TokenRejected),
        (42001, TokenRejected),
        (40013, Misconfigured),
        (40164, Misconfigured),
        (48001, Misconfigured),
        (50002, Misconfigured),
        (45009, RateLimited),
        (45011, RateLimited),
        (40003, Undeliverable),
        (43004, Undeliverable),
        (43101, Undeliverable),
        (45015, Undeliverable),
        (45047, Undeliverable),
        (48002, Undeliverable),
        (40029, LoginRejected),
        (40163, LoginRejected),
        (40226, LoginRejected),
        (87009, LoginRejected),
        (40037, BadRequest),
        (41030, BadRequest),
        (45002, BadRequest),
        (47003, BadRequest),
        (12345, UnexpectedErrcode),
    ],
)
async def test_errcodes(
    official_account: OfficialAccountApi, platform: Platform, errcode: int, error: type[ApiError]
) -> None:
    assert meaning(errcode) is error
    platform.always(SEND_API, refusal(str(errcode), "said so"))
    with pytest.raises(error) as refused:
        await send(official_account)
    assert type(refused.value) is error
    assert (refused.value.api, refused.value.errcode) == (SEND_API, errcode)
    assert refused.value.errmsg.startswith("said so rid: ")
    assert platform.asked[SEND_API] == (2 if error is TokenRejected else 1)


@pytest.mark.parametrize(
    ("answer", "errcode"), [({}, 0), ({"errcode": 0}, 0), ({"errcode": "0"}, 0), ({"errcode": "-1"}, -1)]
)
def test_read_errcode(answer: dict[str, object], errcode: int) -> None:
    assert read_errcode(answer) == errcode


@pytest.mark.parametrize("errcode", ["many", None, [1], True, 1.5, ""])
async def test_an_errcode_that_is_no_number(
    official_account: OfficialAccountApi, platform: Platform, errcode: object
) -> None:
    platform.next(SEND_API, {"errcode": errcode})
    with pytest.raises(UnexpectedErrcode):
        await send(official_account)


@pytest.mark.parametrize(
    ("fault", "idempotent_error", "send_error"),
    [
        (refusal(-1), Transient, Transient),
        (Raw(b"<html>Bad gateway</html>", 502), Transient, OutcomeUnknown),
        (Raw(b"oops", 500), Transient, OutcomeUnknown),
        (Raw(b"", 302), Transient, Transient),
        (Raw(b"<html>Welcome to our hotel</html>"), Transient, Transient),
        (Raw(b"timeout", 504), Transient, OutcomeUnknown),
        (Raw(b'{"errcode": 0, "err'), Transient, OutcomeUnknown),
        (Raw(b"[" * 100_000), Transient, OutcomeUnknown),
        (Raw(b'{"a":' * 100_000), Transient, OutcomeUnknown),
        (Raw(b"[]"), Transient, OutcomeUnknown),
        (Raw(b"\xff\xfe"), Transient, OutcomeUnknown),
        (Raw(b""), Transient, OutcomeUnknown),
        (Raw(b" " * (5 * 1024 * 1024)), Transient, OutcomeUnknown),
        (Drop(), Transient, OutcomeUnknown),
    ],
)
async def test_failures(
    official_account: OfficialAccountApi,
    platform: Platform,
    fault: Misbehaviour,
    idempotent_error: type[ApiError],
    send_error: type[ApiError],
) -> None:
    """An idempotent call is tried three times; a send is made once, and what may have left is unknown."""
    platform.always(USER_API, fault)
    platform.always(SEND_API, fault)
    with pytest.raises(idempotent_error) as refused:
        await official_account.user_info(OPENID)
    assert type(refused.value) is idempotent_error
    with pytest.raises(send_error) as unsent:
        await send(official_account)
    assert type(unsent.value) is send_error
    assert (platform.asked[USER_API], platform.asked[SEND_API]) == (3, 1)


async def test_an_idempotent_call_survives_two_failures(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    platform.next(USER_API, Drop(), refusal(-1))
    assert (await official_account.user_info(OPENID)).follows
    assert platform.asked[USER_API] == 3


@pytest.mark.parametrize("patience_s", [0.05, 0.4])
async def test_a_call_ends_in_time(
    official_account: OfficialAccountApi, platform: Platform, patience_s: float
) -> None:
    await official_account.user_info(OPENID)
    platform.always(USER_API, Slow(3.0))
    began = asyncio.get_running_loop().time()
    with pytest.raises(Transient):
        await official_account.user_info(OPENID, timeout_s=patience_s)
    assert asyncio.get_running_loop().time() - began < 2.5, (
        "it waits neither for the answer nor for long between its tries"
    )
    assert platform.asked[USER_API] == 2


async def test_repeats_stop_when_time_is_short(
    http: aiohttp.ClientSession, platform: Platform, clock: Clock
) -> None:
    platform.always(USER_API, refusal(-1))
    client = ApiClient(Account(APP_ID, SECRET), http, platform.base_url, None, clock, pauses_ms=(2000,))
    with pytest.raises(Transient):
        await OfficialAccountApi(client).user_info(OPENID, timeout_s=0.9)
    assert platform.asked[USER_API] == 1


async def test_a_refused_connection_means_not_sent(
    official_account: OfficialAccountApi, platform: Platform, client_to_nowhere: OfficialAccountApi
) -> None:
    """The token is in Redis already; only the send itself finds nobody."""
    await official_account.user_info(OPENID)
    with pytest.raises(Transient, match="no connection"):
        await send(client_to_nowhere)
    assert platform.asked[SEND_API] == 0


async def test_nothing_unclear_is_sent_twice(
    official_account: OfficialAccountApi, mini_program: MiniProgramApi, platform: Platform
) -> None:
    sends: dict[str, Callable[[], Awaitable[object]]] = {
        SEND_API: lambda: send(official_account),
        "/cgi-bin/message/custom/send": lambda: official_account.send_custom_text(OPENID, "一"),
        "/cgi-bin/message/subscribe/send": lambda: mini_program.send_subscribe(OPENID, "T", {"thing1": "a"}),
        "/cgi-bin/qrcode/create": lambda: official_account.create_qrcode("store_12"),
        "/sns/jscode2session": lambda: mini_program.code_to_session("code-1"),
    }
    for api, do in sends.items():
        platform.always(api, Drop())
        with pytest.raises(OutcomeUnknown):
            await do()
        assert platform.asked[api] == 1


async def test_a_used_up_day_quota_pauses_one_api_only(
    official_account: OfficialAccountApi, platform: Platform, clock: Clock
) -> None:
    platform.next(SEND_API, refusal(45009))
    for _ in range(3):
        with pytest.raises(RateLimited) as paused:
            await send(official_account)
        assert paused.value.until.isoformat() == "2026-11-22T16:00:00+00:00"
    assert platform.asked[SEND_API] == 1
    assert (await official_account.user_info(OPENID)).follows
    clock.advance(6 * 3600)
    assert await send(official_account) == "200228332"
