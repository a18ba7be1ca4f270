"""Meters count exactly, whoever races with whom, and the audit names one that was tampered with."""

import asyncio
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.outcomes import Decision
from loyalty.expiry.commands import WarnExpiry
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached, Drawn
from loyalty.referral.commands import BindReferral
from tests.ledger import DAY_S, KEYS, START, Ledger, limited_wheel, rules_with
from tests.loyalty.engine.invented import ALL, BringBack, Fetch

TODAY = START.date()
RICH = {"points": 100_000}
METERS = "SELECT member_id, name, period, value FROM meter ORDER BY member_id, name, period"


async def meters(ledger: Ledger) -> dict[tuple[int, str, str], int]:
    """Every member's numbers."""
    rows = await ledger.pool.fetch(METERS)
    return {(row["member_id"], row["name"], row["period"]): row["value"] for row in rows}


async def found(ledger: Ledger) -> set[tuple[str, int | None]]:
    report = await audit(ledger.pool, ledger.clock.now(), KEYS, features=ALL)
    return {(one.invariant, one.member_id) for one in report.violations}


def drawn(decisions: list[Decision]) -> int:
    return sum(len(one.outcome.draws) for one in decisions if isinstance(one.outcome, Drawn))


@pytest.mark.parametrize("count", [1, 3])
async def test_sixty_four_draws_at_once_meet_the_limit_of_the_day(ledger: Ledger, count: int) -> None:
    """Ten a day of each wheel and member: with three at a time nine, and no spin more."""
    wheels = [limited_wheel(name, stock=10_000) | {"draws_per_day": 10} for name in ("left", "right")]
    await ledger.publish(rules_with(wheels=wheels, welcome=RICH))
    members = [await ledger.member() for _ in range(2)]
    async with ledger.rival() as rival:
        for day in (TODAY, TODAY.replace(day=TODAY.day + 1)):
            at = ledger.clock.now()
            answers = await asyncio.gather(
                *(
                    engine.run(
                        Draw(member_id=member, request_key=f"{at}:{key}:{wheel}", at=at, wheel=wheel, count=count)
                    )
                    for key in range(32)
                    for engine in ((ledger.engine, rival)[key % 2],)
                    for member in members
                    for wheel in ("left", "right")
                )
            )  # fmt: skip
            most = 10 // count * count
            assert drawn(answers) == 4 * most
            refused = {one.outcome for one in answers if not isinstance(one.outcome, Drawn)}
            assert refused == {DrawLimitReached(limit=10, left=10 - most)}
            counted = await meters(ledger)
            of_day = {key: value for key, value in counted.items() if key[2] == day.isoformat()}
            assert of_day == {
                (member, f"draws:{wheel}", day.isoformat()): most for member in members for wheel in ("left", "right")
            }  # fmt: skip
            ledger.clock.advance(DAY_S)
    assert await found(ledger) == set()


async def test_sixty_four_friends_at_once_are_each_counted_once(ledger: Ledger) -> None:
    ladder = [{"qualified": place, "bonus": 1_000} for place in (1, 10, 64)]
    await ledger.publish(rules_with(referral={"enabled": True, "inviter_points": 50, "ladder": ladder}))
    inviter = await ledger.member()
    friends = [await ledger.member() for _ in range(64)]
    for friend in friends:
        await ledger.run(BindReferral, friend, inviter_id=inviter)
    at = ledger.clock.now()
    async with ledger.rival() as rival:
        await asyncio.gather(
            *(
                engine.run(CheckIn(member_id=friend, request_key="oa:first", at=at))
                for number, friend in enumerate(friends)
                for engine in (ledger.engine, rival)[:: 1 if number % 2 else -1]
            )
        )
        await asyncio.gather(ledger.engine.settle(), rival.settle())
    assert (await meters(ledger))[inviter, "friends_rewarded", ""] == 64
    places = await ledger.pool.fetch(
        "SELECT facts->>'qualified' AS place FROM receipt WHERE scope = 'referral' AND accepted"
    )
    assert sorted(int(row["place"]) for row in places) == list(range(1, 65))
    assert await ledger.balance(inviter) == 100 + 64 * 50 + 3 * 1_000
    assert await found(ledger) == set()


STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(1, 4), st.booleans()), min_size=1, max_size=24
)
"""Which engine, whose command, how many drops, and whether they are taken or brought back."""


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_a_meter_is_the_sum_of_what_was_counted(
    ledger: Ledger, steps: list[tuple[int, int, int, bool]]
) -> None:
    """All at once through two engines; each brings back no more than its member has."""
    members, at = [await ledger.member() for _ in range(3)], ledger.clock.now()
    await ledger.pool.execute("UPDATE stock SET stocked = 1000000 WHERE item LIKE 'oil:%'")
    async with ledger.rival() as rival:
        await asyncio.gather(
            *(
                (ledger.engine, rival)[engine].run(
                    Fetch(member_id=members[whose], request_key=f"s:{place}", at=at, drops=drops)
                    if takes
                    else BringBack(
                        member_id=members[whose], request_key=f"s:{place}", at=at, of_day=TODAY, drops=drops
                    )
                )
                for place, (engine, whose, drops, takes) in enumerate(steps)
            )
        )
    rows = await ledger.pool.fetch("SELECT member_id, drops FROM oil WHERE member_id = ANY($1)", members)
    summed: Counter[int] = Counter()
    for row in rows:
        summed[row["member_id"]] += row["drops"]
    counted = await meters(ledger)
    assert len(rows) == len(steps)
    assert {member: counted.get((member, "oil", TODAY.isoformat()), 0) for member in members} == {
        member: summed[member] for member in members
    }
    assert await found(ledger) == set()


async def a_small_world(ledger: Ledger) -> None:
    """Member 1 was rewarded for member 2, has drawn and was warned."""
    await ledger.publish(rules_with(expiry={"months": 1}, welcome={"points": 500}))
    inviter, friend = await ledger.member(), await ledger.member()
    await ledger.run(BindReferral, friend, inviter_id=inviter)
    await ledger.run(CheckIn, friend)
    await ledger.run(Draw, inviter, wheel="lucky", count=3)
    await ledger.run(Fetch, inviter, drops=3)
    ledger.clock.advance(40 * DAY_S)
    await ledger.run(WarnExpiry, inviter)
    await ledger.pool.execute("UPDATE notice SET state = 'sent'")
    assert {name for member, name, _ in await meters(ledger) if member == inviter} == set(NAMES)
    assert await found(ledger) == set()


NAMES = ("draws:lucky", "friends_rewarded", "expiry_warnings", "oil")
TAMPERING = [
    ("raised", "UPDATE meter SET value = value + 1 WHERE member_id = 1 AND name = $1"),
    ("lowered", "UPDATE meter SET value = value - 1 WHERE member_id = 1 AND name = $1"),
    ("removed", "DELETE FROM meter WHERE member_id = 1 AND name = $1"),
    ("of another period", "UPDATE meter SET period = '2020-01-01|1-1' WHERE member_id = 1 AND name = $1"),
    ("given to another member", "UPDATE meter SET member_id = 2 WHERE member_id = 1 AND name = $1"),
]


@pytest.mark.parametrize("name", NAMES)
async def test_a_meter_that_was_tampered_with_is_named(ledger: Ledger, name: str) -> None:
    await a_small_world(ledger)
    kept = await ledger.pool.fetch("SELECT * FROM meter")
    unnamed = []
    for what, tamper in TAMPERING:
        assert not (await ledger.pool.execute(tamper, name)).endswith(" 0")
        if ("meters", 1) not in (named := await found(ledger)):
            unnamed.append((what, named))
        await ledger.pool.execute("TRUNCATE meter")
        await ledger.pool.copy_records_to_table("meter", records=[tuple(row) for row in kept])
    assert unnamed == []
    assert await found(ledger) == set()
