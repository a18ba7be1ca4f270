"""Random histories of both halves, then a merge, and a split: totals, lots and chains stay right."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, Literal, NamedTuple, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Outcome
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.merging.outcomes import AlreadyMerged, MergedOut, SplitOff
from loyalty.merging.run import current, merge, split
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Redeemed
from tests.ledger import DAY_S, KEYS, Ledger

What: TypeAlias = Literal["sign", "draw", "redeem", "cancel", "month"]
Deed: TypeAlias = tuple[int, What]

DEEDS = st.lists(
    st.tuples(
        st.sampled_from((0, 1)),
        st.sampled_from(("sign", "sign", "sign", "draw", "redeem", "cancel", "month")),
    ),
    max_size=8,
)
NUMBERS = count(1)


class Sums(NamedTuple):
    """What the second ledger keeps of members: points by the day they lapse, growth, and each meter."""

    lots: Counter[object]
    growth: int
    meters: Counter[tuple[str, str]]


async def sums_of(ledger: Ledger, *members: int) -> Sums:
    lots: Counter[object] = Counter()
    for row in await ledger.pool.fetch(
        "SELECT expires_on, remaining FROM lot WHERE member_id = ANY($1)", members
    ):
        lots[row["expires_on"]] += row["remaining"]
    meters: Counter[tuple[str, str]] = Counter()
    for row in await ledger.pool.fetch(
        "SELECT name, period, value FROM meter WHERE member_id = ANY($1)", members
    ):
        meters[row["name"], row["period"]] += row["value"]
    growth = await ledger.pool.fetchval("SELECT sum(growth) FROM account WHERE member_id = ANY($1)", members)
    return Sums(+lots, int(growth), +meters)


async def do(ledger: Ledger, member: int, what: What) -> None:
    match what:
        case "sign":
            await ledger.run(CheckIn, member)
            ledger.clock.advance(DAY_S)
        case "draw":
            await ledger.run(Draw, member, wheel=(await ledger.live()).rules.wheels[0].id)
        case "redeem":
            await ledger.run(Redeem, member, reward=(await ledger.live()).rules.rewards[0].id)
        case "cancel":
            await cancel_last(ledger, member)
        case "month":
            ledger.clock.advance(40 * DAY_S)


async def cancel_last(ledger: Ledger, member: int) -> None:
    row = await ledger.pool.fetchrow(
        "SELECT receipt_no, line FROM redemption WHERE member_id = $1 ORDER BY receipt_no DESC LIMIT 1",
        member,
    )
    if row is not None:
        await ledger.run(Cancel, member, receipt_no=row["receipt_no"], line=row["line"])


async def nothing_is_wrong(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now() + timedelta(hours=1), KEYS)).violations == []


@settings(
    max_examples=6,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=DEEDS, after=DEEDS)
async def test_what_both_had_one_has_and_a_split_returns_it(
    ledger: Ledger, before: Sequence[Deed], after: Sequence[Deed]
) -> None:
    one, other = await ledger.member(), await ledger.member()
    await ledger.give(other, 300)
    for who, what in before:
        await do(ledger, (one, other)[who], what)
    await asyncio.gather(
        *(ledger.run(CheckIn, member) for member in (one, other))
    )  # both have booked what lapsed
    had, brought = await sums_of(ledger, one, other), await sums_of(ledger, other)
    assert isinstance(await merge(ledger.engine, (one, other), actor="test", reason="x"), MergedOut)
    assert await sums_of(ledger, one) == had
    assert await sums_of(ledger, other) == Sums(Counter(), 0, Counter())
    await nothing_is_wrong(ledger)
    for who, what in after:
        await do(ledger, (one, other)[who], what)
    has = await sums_of(ledger, one)
    undone = (await split(ledger.engine, other, actor="test", reason="x")).outcome
    assert isinstance(undone, SplitOff)
    assert (await sums_of(ledger, one, other)).growth == has.growth
    back = await sums_of(ledger, other)
    assert back.growth <= brought.growth, (
        "the growth of vouchers used or cancelled since stays with who has had them"
    )
    assert all(points <= brought.lots[day] for day, points in back.lots.items())
    assert back.lots.total() == brought.lots.total() - undone.spent
    await nothing_is_wrong(ledger)


class Person:
    """A person with a member in each account, and what they were told, added up: the second ledger of the crowd."""

    def __init__(self, members: tuple[int, int], gifts: int) -> None:
        self.members, self.points, self.signed = members, gifts, 0

    def told(self, outcome: Outcome) -> None:
        match outcome:
            case CheckedIn():
                self.points += outcome.points
                self.signed += 1
            case Drawn():
                self.points += sum(draw.points for draw in outcome.draws) - outcome.cost_points
            case Redeemed():
                self.points -= outcome.points


async def live(ledger: Ledger, engine: Engine, person: Person, dice: Random) -> None:
    """A person's day: from either account, some requests sent twice at once, and a merge somewhere in between."""
    wheel = (await ledger.live()).rules.wheels[0].id
    for _ in range(dice.randrange(4, 8)):
        member, key = dice.choice(person.members), f"oa:{next(NUMBERS)}"
        match dice.choice(("sign", "draw", "merge")):
            case "sign":
                command: Any = CheckIn(member_id=member, request_key=key, at=ledger.clock.now())
            case "draw":
                command = Draw(member_id=member, request_key=key, at=ledger.clock.now(), wheel=wheel)
            case _:
                outcome = await merge(engine, person.members, actor="test", reason="x")
                assert isinstance(outcome, MergedOut | AlreadyMerged) or outcome.code == "merge_waits"
                continue
        answers = await asyncio.gather(
            *(one.run(command) for one in dice.choices((engine, ledger.engine), k=2))
        )
        assert answers[0].outcome == answers[1].outcome or not answers[0].replayed
        person.told(next((one.outcome for one in answers if not one.replayed), answers[0].outcome))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_crowd_that_merges_has_what_it_was_told(ledger: Ledger, seed: int) -> None:
    dice = Random(seed)  # noqa: S311  # a simulation must come again
    crowd = [Person((await ledger.member(), await ledger.member()), 200) for _ in range(12)]
    async with ledger.rival() as rival:
        for _ in range(3):
            engines = dice.choices((ledger.engine, rival), k=len(crowd))
            await asyncio.gather(
                *(
                    live(ledger, engine, person, Random(dice.random()))  # noqa: S311
                    for engine, person in zip(engines, crowd, strict=True)
                )
            )
            ledger.clock.advance(DAY_S)
    for person in crowd:
        await merge(ledger.engine, person.members, actor="test", reason="x")
        assert {await current(ledger.engine, member) for member in person.members} == {min(person.members)}
        assert await ledger.balance(min(person.members)) == person.points
        assert await ledger.balance(max(person.members)) == 0
    await nothing_is_wrong(ledger)
