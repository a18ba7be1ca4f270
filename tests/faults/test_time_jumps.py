"""F11: the clock jumps by an hour or a day, the worker is days late, very many lots lapse in one second while chats go on."""

import asyncio
from datetime import timedelta

import pytest

from loyalty.ledger.calendar import business_day
from tests.faults import bulk
from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.ledger import ZONE
from tests.loyalty.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR_S, DAY_S = 3600, 86_400
LAPSED = "SELECT count(*) FROM entry WHERE reason = 'lapsed'"
LEFT = "SELECT count(*) FROM lot WHERE has_remaining AND expires_on <= $1"


@lengths("crowds", 1, 200)
async def test_the_clock_jumps_under_load(installation: Installation, crowds: int) -> None:
    for number in range(crowds):
        async with open_crowd(installation, 12) as crowd:
            async with crowd.busy(seed=number):
                for seconds in (HOUR_S, DAY_S):
                    installation.clock.advance(seconds)
                    await asyncio.sleep(0.4)
            await crowd.check()
            days = "SELECT member_id, day, count(*) FROM check_in GROUP BY 1, 2 HAVING count(*) > 1"
            async with installation.pool() as pool:
                assert await pool.fetch(days) == []


async def test_what_has_lapsed_cannot_be_spent_though_the_worker_is_three_days_late(
    installation: Installation,
) -> None:
    await installation.publish(expiry={"months": 1})
    async with open_crowd(installation, 3) as crowd:
        await installation.publish()
        installation.worker.freeze()
        async with installation.pool() as pool:
            ids = [member.member_id for member in crowd.members]
            lapse = await pool.fetchval("SELECT max(expires_on) FROM lot WHERE member_id = ANY($1)", ids)
            late = lapse - business_day(installation.clock.now(), ZONE) + timedelta(days=3)
            installation.clock.advance(late.total_seconds())
            for member in crowd.members:
                await member.say("兑换 1")
                await member.say("抽奖")
            await crowd.settle()
            assert crowd.history.told() == {"refused": 6}
            assert (
                await pool.fetchval("SELECT sum(available) FROM account WHERE member_id = ANY($1)", ids)
                == 9000
            )
            installation.worker.thaw()

            async def booked() -> bool:
                left = await pool.fetchval(
                    "SELECT sum(available) FROM account WHERE member_id = ANY($1)", ids
                )
                return bool(left == 0)

            await until(booked, within_s=60)

            async def caught_up() -> bool:
                since = installation.clock.now() - timedelta(days=1)
                return not await pool.fetchval(
                    "SELECT count(*) FROM notice WHERE state IN ('due', 'sending') AND due_at < $1", since
                )

            await until(caught_up, within_s=60)
        crowd.history.opening = dict.fromkeys(crowd.history.opening, 0)
        await crowd.check()


@lengths("lots", 10_000, 1_000_000)
async def test_very_many_lots_lapse_in_one_second_while_chats_go_on(
    installation: Installation, lots: int
) -> None:
    today = business_day(installation.clock.now(), ZONE)
    await bulk.load(installation, lots, today + timedelta(days=1))
    await installation.assert_clean()
    async with open_crowd(installation, 6) as crowd, installation.pool() as pool:
        before = await pool.fetchval(LAPSED)
        installation.clock.advance(DAY_S)

        async def swept() -> bool:
            asked = await asyncio.gather(*(member.say("抽奖") for member in crowd.members))
            answered = {request.verdict for request in asked}
            assert answered <= {"done", "promised", "refused"}, "whose points are used up is told so"
            assert {request.tries for request in asked} == {1}, "nobody waits for longer than five seconds"
            await asyncio.sleep(0.2)
            return bool(await pool.fetchval(LEFT, today + timedelta(days=1)) == 0)

        await until(swept, within_s=60 + lots / 300)
        assert await pool.fetchval(LAPSED) == before + lots
        await crowd.check()
