"""A clock that ran ahead: nothing is booked while it does, and what it left behind is refused, named and put right."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from base.clock import MovableClock
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision
from loyalty.engine.refusals import AccountAhead, NotEnoughPoints, NothingDue
from loyalty.engine.transactions import EngineUnavailable
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.opening import open_engine
from loyalty.programme.publishing.publication import publish
from loyalty.rewards.commands import Redeem
from loyalty.settling import ClockSettled, SettleClock
from tests.clocks import SkewedClock
from tests.ledger import DAY_S, KEYS, ZONE, Ledger

DAY = timedelta(days=1)


@asynccontextmanager
async def machine(
    ledger: Ledger, skew: timedelta = timedelta(0)
) -> AsyncIterator[tuple[Engine, SkewedClock]]:
    """Another process on the same database, whose machine's clock is wrong by `skew`."""
    clock = SkewedClock(skew)
    async with open_engine(ledger.pool, clock, ZONE, KEYS) as engine:
        yield engine, clock


async def ask(engine: Engine, kind: type[Command], member_id: int, at: datetime, **fields: Any) -> Decision:
    return await engine.run(kind(member_id=member_id, request_key=f"test:{kind.name}:{at}", at=at, **fields))


async def posted_at(ledger: Ledger, member_id: int) -> datetime:
    found: datetime = await ledger.pool.fetchval(
        "SELECT posted_at FROM account WHERE member_id = $1", member_id
    )
    return found


@pytest.mark.parametrize("skew", [DAY, -DAY, timedelta(seconds=31), timedelta(seconds=-31)])
async def test_nothing_is_booked_while_the_clock_is_off(ledger: Ledger, skew: timedelta) -> None:
    member = await ledger.member()
    before = await ledger.traces(member)
    async with machine(ledger, skew) as (engine, clock):
        for _ in range(2):
            with pytest.raises(EngineUnavailable, match="JIFEN_CLOCK_TOLERANCE_S"):
                await ask(engine, CheckIn, member, clock.now())
        crowd = [CheckIn(member_id=member, request_key=f"k{n}", at=clock.now()) for n in range(5)]
        answers = await asyncio.gather(*map(engine.run, crowd), return_exceptions=True)
        assert {type(one) for one in answers} == {EngineUnavailable}
        assert await ledger.traces(member) == before
        clock.skew = timedelta(0)
        assert isinstance((await ask(engine, CheckIn, member, clock.now())).outcome, CheckedIn)


async def test_the_first_batch_of_a_process_is_held_against_the_database(ledger: Ledger) -> None:
    """Nobody has asked the database before: the batch's own statement tells."""
    member = await ledger.member()
    async with machine(ledger, DAY) as (engine, clock):
        with pytest.raises(EngineUnavailable):
            await ask(engine, CheckIn, member, clock.now())
    assert await ledger.version(member) == 1, "the newcomer's gift alone"


async def test_nobody_enrols_and_nothing_is_published_while_the_clock_is_off(ledger: Ledger) -> None:
    rules = (await ledger.live()).rules
    async with machine(ledger, DAY) as (engine, clock):
        with pytest.raises(EngineUnavailable):
            await enroll(engine, Newcomer((("wx_test", "early"),), clock.now()))
        clock.skew = timedelta(0)
        engine.clock.now()
        clock.skew = -DAY
        with pytest.raises(Exception, match="JIFEN_CLOCK_TOLERANCE_S"):
            await publish(engine, rules, base=1, by="test", reason="by a wrong clock", urgent=True)
    assert await ledger.count("member") == 0
    assert await ledger.count("rule_version") == 1


async def test_a_refusal_does_not_move_the_time_up_to_which_is_booked(ledger: Ledger) -> None:
    member = await ledger.member()
    stood_at = await posted_at(ledger, member)
    ledger.clock.advance(400 * DAY_S)
    refused = await ledger.run(Redeem, member, reward="beans")
    assert isinstance(refused.outcome, NotEnoughPoints), "a refusal with a receipt"
    assert await posted_at(ledger, member) == stood_at


async def test_a_clock_ran_ahead_a_day_and_came_back(ledger: Ledger) -> None:
    """As an older version of the program left it: later sign-ins must pay, and what they pay must stay."""
    member = await ledger.member()
    today = ledger.clock.now()
    ledger.clock.advance(DAY_S)
    await ledger.run(CheckIn, member)
    ahead, balance = await posted_at(ledger, member), await ledger.balance(member)
    async with rewound(ledger, today) as engine:
        before = await ledger.traces(member)
        for kind, fields in ((CheckIn, {}), (Draw, {"wheel": "lucky"}), (Redeem, {"reward": "cookie"})):
            for keep in (False, True):
                refused = await ask(engine, kind, member, today, keep_refusal=keep, **fields)
                assert refused == Decision(AccountAhead())
        assert await ledger.traces(member) == before, "a refusal moves nothing"
        settled = await ask(engine, SettleClock, member, today, actor="operator", reason="NTP was off")
        assert settled == Decision(ClockSettled(ahead, "NTP was off"))
        assert await posted_at(ledger, member) == today
        assert (await ask(engine, SettleClock, member, today + DAY, reason="again")).outcome == NothingDue()
    for days in (2, 3):
        async with rewound(ledger, today + days * DAY) as engine:
            signed = (await ask(engine, CheckIn, member, today + days * DAY)).outcome
            assert isinstance(signed, CheckedIn)
            assert signed.streak == days, "the sign-in of the day ahead counts"
            assert signed.balance == balance + signed.points + (0 if days == 2 else 10)
    assert (await audit(ledger.pool, today + 3 * DAY, KEYS)).violations == []


@asynccontextmanager
async def rewound(ledger: Ledger, at: datetime) -> AsyncIterator[Engine]:
    """A process whose clock shows `at`, which may be before what the ledger's own clock shows."""
    async with open_engine(ledger.pool, MovableClock(at), ZONE, KEYS) as engine:
        yield engine


async def test_the_settlement_leaves_a_trace_and_nothing_else_excuses_the_order_of_times(
    ledger: Ledger,
) -> None:
    member, other = await ledger.member(), await ledger.member()
    today = ledger.clock.now()
    ledger.clock.advance(3 * DAY_S)
    for one in (member, other):
        await ledger.run(CheckIn, one)
    async with rewound(ledger, today) as engine:
        await ask(engine, SettleClock, member, today, actor="operator", reason="NTP was off")
    stored = await ledger.pool.fetchrow(
        "SELECT * FROM receipt WHERE member_id = $1 AND command = 'settle_clock'", member
    )
    assert (stored["actor"], stored["accepted"], stored["code"]) == ("operator", True, "clock_settled")
    assert "NTP was off" in stored["facts"]
    await ledger.pool.execute("UPDATE account SET posted_at = $2 WHERE member_id = $1", other, today)
    async with rewound(ledger, today) as engine:
        for one in (member, other):
            assert isinstance((await ask(engine, Draw, one, today, wheel="lucky")).outcome, Drawn)
    found = (await audit(ledger.pool, today, KEYS)).violations
    assert [(one.invariant, one.member_id) for one in found] == [("I5", other)]


async def test_a_few_seconds_between_two_machines_are_borne(ledger: Ledger) -> None:
    """One machine is ahead within the tolerance and another behind: what the first booked is no future."""
    member = await ledger.member()
    today = ledger.clock.now()
    ledger.clock.advance(55)
    await ledger.run(CheckIn, member)
    async with rewound(ledger, today) as engine:
        drawn = (await ask(engine, Draw, member, today, wheel="lucky")).outcome
        assert not isinstance(drawn, AccountAhead)
        assert await posted_at(ledger, member) >= today
