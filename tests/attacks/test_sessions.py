"""S2: another app's openid, a login code used twice, a session that is over, a token of another installation."""

import asyncio
import hashlib
import secrets
from datetime import timedelta

import pytest

from miniapp_api.sessions import LIFETIME
from tests.bot.line import Line
from tests.bot.told import SIGNED_IN
from tests.emulator.harness import MINIAPP_APP_ID, OA_APP_ID
from tests.house import House
from tests.ledger import Ledger
from tests.miniapp_api.client import mini, send
from wechat.errors import LoginRejected

AT_ONCE = 20


async def test_s2_the_same_openid_of_two_apps_is_two_members(ledger: Ledger) -> None:
    """An openid means nothing without its app: nobody gets at points with the text of somebody else's."""
    ours = await ledger.member(**{OA_APP_ID: "oSame"})
    theirs = await ledger.member(**{MINIAPP_APP_ID: "oSame"})
    assert ours != theirs
    assert await ledger.member(wx0f00000000000009="oSame") not in {ours, theirs}


async def test_s2_an_openid_of_the_mini_program_is_a_stranger_to_the_account(house: House) -> None:
    """Pushed to the official account in safe mode, which proves the account, it finds no member of the mini-program."""
    phone = await house.phone(unionid=False)
    await house.session(phone)
    member_id = await house.member_of(phone)
    before = await house.ledger.traces(member_id)
    line = Line(house)
    said = await line.push(line.text(phone, "签到", FromUserName=phone.miniapp_openid))
    assert said is not None
    assert said.content.startswith(SIGNED_IN)
    assert await house.ledger.traces(member_id) == before
    assert await house.ledger.count("member") == 2


async def test_s2_a_login_code_twenty_times_at_once(house: House) -> None:
    """The platform takes a code once; whoever loses that race gets no session, and there is one member."""
    code = await (await house.phone()).login()
    answers = await asyncio.gather(
        *(send(house, "POST", "/session", body={"code": code}) for _ in range(AT_ONCE))
    )
    assert sorted(answer.status for answer in answers) == [200] + [401] * (AT_ONCE - 1)
    assert await house.ledger.count("session") == await house.ledger.count("member") == 1


async def test_s2_a_login_code_of_another_app(house: House) -> None:
    """The platform binds a code to the app that asked for it: exchanged with the account's id and secret it is refused."""
    code = await (await house.phone()).login()
    config = house.emulator.config
    answer = await house.emulator.client.get(
        "/sns/jscode2session",
        params={
            "appid": config.oa.app_id,
            "secret": config.oa.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        },
    )
    assert answer.json()["errcode"] != 0
    with pytest.raises(LoginRejected):
        await house.resources.mini_program.code_to_session(f"{code}x")


async def test_s2_a_session_that_is_over_is_over_at_once(house: House) -> None:
    """Whatever a process has remembered of it: expired, deleted, or closed while it was in use."""
    for ending in (
        "UPDATE session SET expires_at = $1",
        "DELETE FROM session WHERE expires_at > $1",
    ):
        ming = await mini(house)
        for _ in range(3):
            assert (await ming.get("/me")).status == 200
        await house.resources.pool.execute(ending, house.clock.now())
        for path in ("/me", "/rules", "/draws"):
            assert (await ming.get(path)).status == 401, (ending, path)
        posted = await ming.once("/check-ins", {})
        assert (posted.status, posted.code) == (401, "unauthorized")
        assert await house.ledger.count("check_in") == 0
        await house.resources.pool.execute("DELETE FROM session")


async def test_s2_a_remembered_session_ends_with_its_time(house: House) -> None:
    ming = await mini(house)
    house.clock.advance((LIFETIME - timedelta(seconds=1)).total_seconds())
    assert (await ming.get("/me")).status == 200
    house.clock.advance(1)
    assert (await ming.get("/me")).status == 401


async def test_s2_a_token_of_another_installation_opens_nothing(house: House) -> None:
    """A token is a row of this database: what another installation gave out, or anybody makes up, is no row."""
    ming = await mini(house)
    token = ming.headers["Authorization"].removeprefix("Bearer ")
    stored = await house.resources.pool.fetchval("SELECT token_hash FROM session")
    made_up = [
        secrets.token_urlsafe(32),
        token[:-1] + ("A" if token[-1] != "A" else "E"),
        token.swapcase(),
        bytes(stored).hex()[:43],
        hashlib.sha256(b"").hexdigest()[:43],
    ]
    for other in made_up:
        answer = await send(house, "GET", "/me", {"Authorization": f"Bearer {other}"})
        assert (answer.status, answer.code) == (401, "unauthorized"), other
