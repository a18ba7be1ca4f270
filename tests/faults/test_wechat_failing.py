"""F9: WeChat times out after success, is out of quota, refuses tokens, answers with a page: no double send, one new token."""

import asyncio

import httpx
import pytest

from channels.unionids import AGAIN_AFTER
from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.members import Member
from tests.faults.notices import CUSTOM_SEND, owe, received, until_states
from tests.loyalty.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN_API = b"/cgi-bin/stable_token"
USER_INFO = "/cgi-bin/user/info"
UNKNOWN = "SELECT count(*) FROM identity WHERE subject = ANY($1) AND ask_after IS NOT NULL"
"""Openids of which WeChat has not told the unionid yet."""
DAY_S = 86_400


async def one_owed(installation: Installation, member: Member, state: str) -> list[tuple[int, str]]:
    """Owe the member a notice and wait until its row is in that state."""
    owed = await owe(installation, [member])
    await until_states(installation, owed, lambda found: found[state] == 1)
    return owed


@pytest.mark.parametrize("kind", ["drop_after", "http_502"])
async def test_a_send_whose_outcome_is_unknown_is_not_repeated(installation: Installation, kind: str) -> None:
    async with open_crowd(installation, 1) as crowd:
        [member] = crowd.members
        await member.say("签到")
        await installation.emulator.fault(CUSTOM_SEND, kind)
        owed = await one_owed(installation, member, "unknown")
        installation.clock.advance(3600)
        await asyncio.sleep(2.5)
        await until_states(installation, owed, lambda found: found["unknown"] == 1)
        assert await received(member) == (1 if kind == "drop_after" else 0)
        await crowd.check()


async def test_who_is_two_members_for_a_while_loses_nothing(installation: Installation) -> None:
    """WeChat does not tell whose openid it is, so the chat enrols somebody new, who is merged with the member later."""
    async with open_crowd(installation, 2, following=False) as crowd, installation.pool() as pool:
        await installation.emulator.fault(USER_INFO, "errcode", -1, times=100)
        for member in crowd.members:
            await member.phone.follow()
            await member.say("签到")
            await member.say("抽奖")
            await member.redeem()
        openids = list(crowd.history.openids)
        assert await pool.fetchval(UNKNOWN, openids) == 2
        await crowd.check()
        installation.emulator.world.faults.clear()
        installation.clock.advance(AGAIN_AFTER.total_seconds() + 1)
        for member in crowd.members:
            await member.say("兑换 1")

        async def merged() -> bool:
            return bool(await pool.fetchval(UNKNOWN, openids) == 0)

        await until(merged, within_s=30)
        await crowd.check()
        assert crowd.history.told() == {"done": 8}


async def test_what_surely_did_not_arrive_is_sent_later(installation: Installation) -> None:
    """A page in place of JSON, a refused connection, a used-up quota: kept, and sent once when it can be."""
    async with open_crowd(installation, 1) as crowd:
        [member] = crowd.members
        await member.say("签到")
        await installation.emulator.fault(CUSTOM_SEND, "html")
        owed = await owe(installation, [member])
        await until_taken(installation)
        installation.clock.advance(31)
        await until_states(installation, owed, lambda found: found["sent"] == 1)
        await installation.emulator.fault(CUSTOM_SEND, "errcode", 45009)
        owed = await owe(installation, [member])
        await until_taken(installation)
        installation.clock.advance(3600)
        await asyncio.sleep(2.5)
        await until_states(installation, owed, lambda found: found["waiting"] == 1)
        assert await received(member) == 1
        installation.clock.advance(DAY_S)
        await until_states(installation, owed, lambda found: found["sent"] == 1)
        assert await received(member) == 2
        await crowd.check()


async def until_taken(installation: Installation) -> None:
    """Wait until the fault on the board has struck."""
    async with asyncio.timeout(20):
        while installation.emulator.world.faults.pending():  # noqa: ASYNC110  # the worker takes it, not we
            await asyncio.sleep(0.05)


async def test_a_storm_of_refused_tokens_brings_one_new_token(installation: Installation) -> None:
    """Somebody else had the token renewed: both servers and the worker, all at once, meet 40001."""
    async with open_crowd(installation, 12, following=False) as crowd:
        await asyncio.gather(*(member.phone.follow() for member in crowd.members[:6]))
        await asyncio.gather(*(member.say("签到") for member in crowd.members[:6]))
        installation.clock.advance(31)
        await renew_elsewhere(installation)
        installation.wechat.lose_answers(0, TOKEN_API)
        owed = await owe(installation, crowd.members[:6] * 2)
        await asyncio.gather(*(member.phone.follow() for member in crowd.members[6:]))
        await until_states(installation, owed, lambda found: found["sent"] == len(owed))
        assert installation.wechat.seen == 1
        assert [await received(member) for member in crowd.members] == [2] * 6 + [0] * 6
        await crowd.check()


async def renew_elsewhere(installation: Installation) -> None:
    """Another system of the operator's asks for a new token and by that kills ours."""
    account = installation.emulator.config.oa
    asked = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.secret}
    async with httpx.AsyncClient(base_url=installation.emulator.base_url, trust_env=False) as http:
        answer = await http.post("/cgi-bin/stable_token", json={**asked, "force_refresh": True})
        assert answer.json()["access_token"]


async def test_tokens_refused_for_ever_bring_no_storm_of_ours(installation: Installation) -> None:
    async with open_crowd(installation, 6) as crowd:
        await asyncio.gather(*(member.say("签到") for member in crowd.members))
        await installation.emulator.fault(CUSTOM_SEND, "errcode", 40001, times=1000)
        installation.wechat.lose_answers(0, TOKEN_API)
        owed = await owe(installation, crowd.members * 3)
        await asyncio.sleep(4)
        struck = 1000 - installation.emulator.world.faults.pending()[0].times
        assert 1 <= installation.wechat.seen <= 8
        assert struck <= 2 * len(owed)
        installation.emulator.world.faults.clear()
        installation.clock.advance(3600)
        await until_states(installation, owed, lambda found: found["sent"] == len(owed))
        assert [await received(member) for member in crowd.members] == [3] * 6
        await crowd.check()
