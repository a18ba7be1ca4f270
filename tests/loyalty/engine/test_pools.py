"""Pools: a race loser costs its batch nothing while there is enough; nobody misses a piece that was there, none is given twice."""

import asyncio
import random
from collections.abc import Sequence
from datetime import date

import asyncpg
import pytest
from prometheus_client import REGISTRY

from loyalty.audit import audit
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision
from loyalty.engine.reads import ReadRequest
from tests.ledger import DAY_S, KEYS, Ledger
from tests.loyalty.engine.invented import ALL, RULE, BringBack, Fetch, Fetched, Glow, NoOil, budget_of
from tests.loyalty.waiting import standing_in_the_way, until_blocked

TODAY = date(2026, 3, 2)


def started_again() -> float:
    """Commands of batches that were decided again as a whole, because a pool did not hold what they had been decided on."""
    return REGISTRY.get_sample_value("jifen_engine_retries_total", {"reason": "pool_short"}) or 0.0


async def crowd(ledger: Ledger, number: int) -> list[int]:
    return list(await asyncio.gather(*(ledger.member() for _ in range(number))))


async def fetch(
    engine: Engine, ledger: Ledger, members: Sequence[int], drops: int = 1, key: str = "f"
) -> list[Decision]:
    at = ledger.clock.now()
    return await engine.run_all(
        Fetch(member_id=member, request_key=key, at=at, drops=drops) for member in members
    )


def codes(decisions: Sequence[Decision]) -> dict[str, int]:
    found = [decision.outcome.code for decision in decisions]
    return {code: found.count(code) for code in sorted(set(found))}


async def pools(ledger: Ledger) -> dict[str, tuple[int, int]]:
    """Size and what was taken of every budget."""
    rows = await ledger.pool.fetch("SELECT item, stocked, taken FROM stock WHERE item LIKE 'oil:%'")
    return {row["item"]: (row["stocked"], row["taken"]) for row in rows}


async def clean(ledger: Ledger) -> None:
    """The audit compares pools, meters and rows of the invented feature as well."""
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS, features=ALL)).violations == []


def making_lose(rival: Engine, ledger: Ledger, losers: Sequence[int]) -> None:
    """From now on another engine is faster with a command of each of these members, once, after they were loaded here."""
    left = list(losers)

    async def overtake(asking: ReadRequest) -> None:
        now = [member for member in asking.members if member in left]
        for member in now:
            left.remove(member)
        await rival.run_all(
            Glow(member_id=member, request_key="fast", at=ledger.clock.now()) for member in now
        )

    RULE.while_fetching = overtake


async def test_a_loser_that_took_does_not_start_its_batch_again(ledger: Ledger) -> None:
    members, before = await crowd(ledger, 64), started_again()
    RULE.oil_per_day = 10_000
    async with ledger.rival() as rival:
        making_lose(rival, ledger, members[::8])
        answers = await fetch(ledger.engine, ledger, members, drops=2)
    assert codes(answers) == {"fetched": 64}
    assert [await ledger.version(member) for member in members] == [3, *[2] * 7] * 8
    assert started_again() == before
    assert await pools(ledger) == {budget_of(TODAY): (10_000, 128)}
    await clean(ledger)


@pytest.mark.parametrize(("losers", "again"), [((0, 39), True), ((40, 63), False), ((), False)])
async def test_near_the_end_a_batch_starts_again_for_a_loser_that_took(
    ledger: Ledger, losers: tuple[int, ...], again: bool
) -> None:
    """The first forty of sixty-four get some; where one of these loses, the refused are decided again."""
    members, before = await crowd(ledger, 64), started_again()
    RULE.oil_per_day = 40
    async with ledger.rival() as rival:
        making_lose(rival, ledger, [members[place] for place in losers])
        answers = await fetch(ledger.engine, ledger, members)
    assert codes(answers) == {"fetched": 40, "no_oil": 24}
    assert [answer.outcome for answer in answers if isinstance(answer.outcome, NoOil)] == [NoOil(0)] * 24
    assert (started_again() > before) is again
    assert await pools(ledger) == {budget_of(TODAY): (40, 40)}
    await clean(ledger)


@pytest.mark.parametrize("seed", range(3))
async def test_two_engines_at_a_budget_that_runs_out_with_losers_everywhere(
    ledger: Ledger, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  # a repeatable crowd
    members = await crowd(ledger, 120)
    RULE.oil_per_day = 200
    async with ledger.rival() as one, ledger.rival() as other, ledger.rival() as fast:
        making_lose(fast, ledger, dice.sample(members, 12))
        asked = [(engine, dice.sample(members, 80), dice.randint(1, 3)) for engine in (one, other) * 2]
        answers = await asyncio.gather(
            *(
                fetch(engine, ledger, some, drops, key=f"f{number}")
                for number, (engine, some, drops) in enumerate(asked)
            )
        )
    got = sum(
        drops
        for (_, _, drops), decisions in zip(asked, answers, strict=True)
        for decision in decisions
        if isinstance(decision.outcome, Fetched)
    )
    wanting = [drops for (_, _, drops), many in zip(asked, answers, strict=True) if "no_oil" in codes(many)]
    assert await pools(ledger) == {budget_of(TODAY): (200, got)}
    assert wanting, "more was asked for than there was"
    assert 200 - got < min(wanting), "somebody was refused what was there"
    await clean(ledger)


async def test_a_budget_is_made_once_by_two_engines_at_once(ledger: Ledger) -> None:
    members = await crowd(ledger, 64)
    RULE.oil_per_day = 50
    async with ledger.rival() as rival:
        halves = (ledger.engine, members[:32]), (rival, members[32:])
        answers = await asyncio.gather(*(fetch(engine, ledger, some) for engine, some in halves))
        assert codes([one for half in answers for one in half]) == {"fetched": 50, "no_oil": 14}
        ledger.clock.advance(DAY_S)
        await asyncio.gather(*(fetch(engine, ledger, some[:10], key="next") for engine, some in halves))
    assert await pools(ledger) == {budget_of(TODAY): (50, 50), "oil:2026-03-03": (50, 20)}
    await clean(ledger)


async def test_a_budget_that_another_process_is_just_making_is_waited_for(ledger: Ledger) -> None:
    member = await ledger.member()
    smaller = "INSERT INTO stock (item, stocked, taken) VALUES ('oil:2026-03-02', 5, 0)"
    async with standing_in_the_way(ledger.database_url, smaller) as other:
        asked = asyncio.create_task(ledger.run(Fetch, member, drops=10))
        await until_blocked(other)
        await other.execute("COMMIT")
        assert (await asked).outcome == NoOil(left=5)
    assert await pools(ledger) == {budget_of(TODAY): (5, 0)}


async def test_a_refused_command_makes_no_budget(ledger: Ledger) -> None:
    member = await ledger.member()
    assert (await ledger.run(Fetch, member, drops=101)).outcome == NoOil(left=100)
    assert await pools(ledger) == {}
    await clean(ledger)


async def test_what_is_brought_back_can_be_taken_again(ledger: Ledger) -> None:
    first, second = await crowd(ledger, 2)
    RULE.oil_per_day = 10
    assert (await ledger.run(Fetch, first, drops=10)).outcome == Fetched(10)
    assert (await ledger.run(Fetch, second)).outcome == NoOil(0)
    await ledger.run(BringBack, first, of_day=TODAY, drops=3)
    assert (await ledger.run(Fetch, second, drops=4)).outcome == NoOil(3)
    assert (await ledger.run(Fetch, second, drops=3)).outcome == Fetched(3)
    ledger.clock.advance(DAY_S)
    await ledger.run(BringBack, first, of_day=TODAY, drops=99)
    assert await pools(ledger) == {budget_of(TODAY): (10, 3)}
    await clean(ledger)


async def test_a_loser_that_brought_back_is_not_counted_on(ledger: Ledger) -> None:
    """Its batch mate was decided as if the drops were there again, and they are not there yet."""
    giver, taker = await crowd(ledger, 2)
    RULE.oil_per_day = 5
    await ledger.run(Fetch, giver, drops=5)
    raised = "UPDATE account SET version = version + 1 WHERE member_id = $1"
    async with standing_in_the_way(ledger.database_url, raised, giver) as other:
        both = asyncio.gather(
            ledger.run(BringBack, giver, of_day=TODAY, drops=5), ledger.run(Fetch, taker, drops=5)
        )
        await until_blocked(other)
        await other.execute("COMMIT")
        answers = await both
    assert [answer.outcome.code for answer in answers] == ["brought_back", "fetched"]
    assert await pools(ledger) == {budget_of(TODAY): (5, 5)}


async def test_the_database_refuses_to_take_back_more_than_was_given(ledger: Ledger) -> None:
    """Only by tampering: the command fails, and its batch mate is answered."""
    giver, taker = await crowd(ledger, 2)
    await ledger.run(Fetch, giver, drops=5)
    await ledger.pool.execute("UPDATE stock SET taken = 0")
    answers = await asyncio.gather(
        ledger.run(BringBack, giver, of_day=TODAY, drops=5), ledger.run(Fetch, taker), return_exceptions=True
    )
    assert isinstance(answers[0], asyncpg.CheckViolationError)
    assert isinstance(answers[1], Decision)
    assert await pools(ledger) == {budget_of(TODAY): (100, 1)}
