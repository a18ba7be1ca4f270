"""A command that owes fifty members: its caller waits for none but themselves, the rest follow, and each comes exactly once."""

import asyncio
from collections.abc import Awaitable, Callable

from loyalty.audit import audit
from loyalty.engine.follow_ups import LEASE
from loyalty.engine.reads import ReadRequest
from tests.ledger import KEYS, Ledger
from tests.loyalty.engine.invented import ALL, RULE, HangFor, Hung
from tests.loyalty.waiting import until

KEY = "oa:hang"
LIT = "SELECT member_id FROM receipt WHERE command = 'light' AND accepted ORDER BY member_id"
LEFT = "SELECT count(*) FROM follow_up WHERE command = 'light' AND done_at IS NULL"


async def fifty(ledger: Ledger) -> tuple[int, ...]:
    """The members, of whom the one in the middle hangs the lanterns."""
    return tuple(await asyncio.gather(*(ledger.member() for _ in range(50))))


def hang(ledger: Ledger, members: tuple[int, ...]) -> HangFor:
    return HangFor(member_id=members[25], request_key=KEY, at=ledger.clock.now(), members=members)


async def lit(ledger: Ledger) -> list[int]:
    """The members whose lanterns are alight, each as often as that."""
    return [row["member_id"] for row in await ledger.pool.fetch(LIT)]


async def are_lit(ledger: Ledger, number: int) -> bool:
    return len(await lit(ledger)) == number


async def owes(ledger: Ledger) -> bool:
    return bool(await ledger.pool.fetchval(LEFT) == 50)


async def none_is_left(ledger: Ledger) -> bool:
    return bool(await ledger.pool.fetchval(LEFT) == 0)


async def each_exactly_once(ledger: Ledger, members: tuple[int, ...]) -> None:
    assert await lit(ledger) == sorted(members)
    assert await ledger.pool.fetchval("SELECT array_agg(DISTINCT available) FROM account") == [102]
    assert await ledger.count("follow_up", command="light") == len(members)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS, features=ALL)).violations == []


def holding(gate: asyncio.Event, after: int) -> Callable[[ReadRequest], Awaitable[None]]:
    """Let so many lanterns pass, and the others when the gate opens."""
    seen = 0

    async def hold(asking: ReadRequest) -> None:
        nonlocal seen
        seen += len(asking.commands)
        if seen > after:
            await gate.wait()

    return hold


async def test_the_caller_waits_for_their_own_alone_and_the_rest_follow(ledger: Ledger) -> None:
    members, gate = await fifty(ledger), asyncio.Event()
    RULE.while_lighting = holding(gate, after=1)
    answer = await asyncio.wait_for(ledger.engine.run(hang(ledger, members)), timeout=10)
    assert (answer.outcome, answer.replayed) == (Hung(50), False)
    assert await lit(ledger) == [members[25]]
    gate.set()
    await until(lambda: none_is_left(ledger))
    await each_exactly_once(ledger, members)


async def test_two_engines_and_the_jobs_at_once_light_each_lantern_once(ledger: Ledger) -> None:
    members = await fifty(ledger)
    async with ledger.rival() as rival:
        engines = (ledger.engine, rival)
        asked = [asyncio.create_task(engine.run(hang(ledger, members))) for engine in engines * 4]
        while not all(task.done() for task in asked) or not await none_is_left(ledger):
            ledger.clock.advance(LEASE.total_seconds())
            await asyncio.gather(*(engine.run_due_follow_ups(ledger.clock.now(), 20) for engine in engines))
        answers = [task.result() for task in asked]
    assert {answer.outcome for answer in answers} == {Hung(50)}
    assert [answer.replayed for answer in answers].count(False) == 1
    await each_exactly_once(ledger, members)


async def test_an_engine_closed_in_the_middle_leaves_the_rest_to_the_jobs(ledger: Ledger) -> None:
    members, gate = await fifty(ledger), asyncio.Event()
    RULE.while_lighting = holding(gate, after=13)
    async with ledger.rival() as closing:
        await closing.run(hang(ledger, members))
        await until(lambda: are_lit(ledger, 13))
        asyncio.get_running_loop().call_later(0.2, gate.set)
    done = len(await lit(ledger))
    assert 13 <= done < 50
    assert await ledger.pool.fetchval(LEFT) >= 50 - done
    ledger.clock.advance(LEASE.total_seconds())
    await ledger.engine.run_due_follow_ups(ledger.clock.now(), limit=200)
    assert await none_is_left(ledger)
    await each_exactly_once(ledger, members)


async def test_an_engine_closed_before_the_answer_still_answers(ledger: Ledger) -> None:
    members, gate = await fifty(ledger), asyncio.Event()
    RULE.while_lighting = holding(gate, after=0)
    async with ledger.rival() as closing:
        asked = asyncio.create_task(closing.run(hang(ledger, members)))
        await until(lambda: owes(ledger))
        asyncio.get_running_loop().call_later(0.2, gate.set)
    assert (await asked).outcome == Hung(50)
    assert len(await lit(ledger)) <= 1
    ledger.clock.advance(LEASE.total_seconds())
    await ledger.engine.run_due_follow_ups(ledger.clock.now(), limit=200)
    await each_exactly_once(ledger, members)
