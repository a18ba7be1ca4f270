"""F6: a message many times, at once, a day late, out of order; two different events in one second."""

import asyncio
import random

import pytest

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAY_S = 86_400


@lengths("crowds", 1, 100)
async def test_messages_come_up_to_fifty_times_at_once_and_out_of_order(
    installation: Installation, crowds: int
) -> None:
    for number in range(crowds):
        dice = random.Random(number)  # noqa: S311  # a repeatable order
        async with open_crowd(installation, 6) as crowd:
            messages = [
                (member, fields)
                for member in crowd.members
                for fields in [member.message(text) for text in ("签到", "抽奖", "兑换 1")]
                * dice.choice([1, 2, 10])
            ]
            messages += [messages[0]] * (50 - messages.count(messages[0]))
            dice.shuffle(messages)
            await asyncio.gather(*(member.push(fields, "message") for member, fields in messages))
            await crowd.check()
            assert crowd.history.told() == {"done": 18}


async def test_a_message_a_day_late(installation: Installation) -> None:
    """Its first delivery was heard by nobody or by all: it speaks of its own day, and is carried out once."""
    async with open_crowd(installation, 2) as crowd:
        early, late = crowd.members
        sign_in, draw = early.message("签到"), early.message("抽奖")
        await early.push(sign_in, "message")
        await early.push(draw, "message")
        forgotten, spin = late.message("签到"), late.message("抽奖")
        installation.clock.advance(DAY_S)
        for fields in (sign_in, draw):
            await early.push(fields, "message")
        request = await late.push(forgotten, "message")
        assert request.verdict == "done", "nobody signed in that day, so it still counts for it"
        async with installation.pool() as pool:
            days = "SELECT day FROM check_in WHERE member_id = $1"
            assert await pool.fetchval(days, late.member_id) == await pool.fetchval(days, early.member_id)
        await late.push(spin, "message")
        assert (await late.say("签到")).verdict == "done"
        assert await late.push(forgotten, "message") is request
        yesterday = {"CreateTime": int(installation.clock.now().timestamp()) - DAY_S}
        assert (await late.push(late.message("签到") | yesterday, "message")).verdict == "refused", (
            "days go in order"
        )
        await crowd.check()


async def test_two_different_events_in_one_second(installation: Installation) -> None:
    async with open_crowd(installation, 3) as crowd:
        for member in crowd.members:
            second = {"CreateTime": int(installation.clock.now().timestamp())}
            taps = [member.tap(key) | second for key in ("签到", "抽奖")]
            await asyncio.gather(*(member.push(fields) for fields in taps * 5))
        await crowd.check()
        assert crowd.history.told() == {"done": 6}
