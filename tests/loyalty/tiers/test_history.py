"""A member's tiers with their history: reached by sign-ins, read at an instant, kept through a change of the rules, merged."""

from datetime import timedelta

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.refusals import NothingDue
from loyalty.merging.run import merge, split
from loyalty.overview import BY_MEMBER, glances
from loyalty.rewards.commands import Redeem
from loyalty.tiers.commands import SetTier
from loyalty.tiers.outcomes import TierChanged
from loyalty.tiers.rows import TIER
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

SPANS = "SELECT tier, came_from, why, until IS NULL AS open FROM tier_span WHERE member_id = $1 ORDER BY receipt_no"


def tiers(*growths: int) -> list[dict[str, object]]:
    """Tiers t0, t1, … reached by these growth values after 0."""
    return [
        {"id": f"t{place}", "name": f"{place} 级", "growth": growth}
        for place, growth in enumerate((0, *growths))
    ]


async def kept(ledger: Ledger, *growths: int) -> None:
    """Publish tiers that are kept; each sign-in is worth 10, and there is no other gift."""
    await ledger.publish(
        rules_with(
            tiers=tiers(*growths), tier_review={"by": "never"}, welcome={"points": 0}, check_in={"points": 10}
        )
    )


async def sign_in(ledger: Ledger, member: int, times: int) -> list[object]:
    """Sign in on so many days; what followed."""
    followed: list[object] = []
    for _ in range(times):
        followed += (await ledger.run(CheckIn, member)).consequences
        ledger.clock.advance(DAY_S)
    return followed


async def spans(ledger: Ledger, member: int) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await ledger.pool.fetch(SPANS, member)]


async def violations(ledger: Ledger) -> list[str]:
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    return [f"{one.invariant}: {one.detail}" for one in report.violations]


async def shown(ledger: Ledger, member: int) -> str:
    """The tier of the member's overview."""
    (seen,) = await glances(ledger.pool, BY_MEMBER, [member], [ledger.clock.now()], ledger.zone)
    assert seen is not None
    return seen.overview.tier.id


async def test_a_tier_is_reached_by_the_sign_in_that_crosses_its_line(ledger: Ledger) -> None:
    await kept(ledger, 20, 50)
    member = await ledger.member()
    assert await sign_in(ledger, member, 1) == []
    assert await sign_in(ledger, member, 1) == [TierChanged("t1", "1 级", "t0", "reached", rose=True)]
    assert await sign_in(ledger, member, 2) == []
    assert await spans(ledger, member) == [("t1", "t0", "reached", True)]
    assert await sign_in(ledger, member, 1) == [TierChanged("t2", "2 级", "t1", "reached", rose=True)]
    assert await spans(ledger, member) == [("t1", "t0", "reached", False), ("t2", "t1", "reached", True)]
    assert await violations(ledger) == []


async def test_t05_spending_lowers_no_growth_and_no_tier(ledger: Ledger) -> None:
    await kept(ledger, 50)
    member = await ledger.member()
    await sign_in(ledger, member, 6)
    before = await ledger.pool.fetchval("SELECT growth FROM account WHERE member_id = $1", member)
    await ledger.run(Redeem, member, reward="cookie")
    assert await ledger.balance(member) == 0
    assert await ledger.pool.fetchval("SELECT growth FROM account WHERE member_id = $1", member) == before
    assert await shown(ledger, member) == "t1"
    assert await violations(ledger) == []


async def test_the_tier_at_an_instant(ledger: Ledger) -> None:
    """T/E21: an event counts with the tier of its own time, however late it is told."""
    await kept(ledger, 20)
    member, begun = await ledger.member(), ledger.clock.now()
    await sign_in(ledger, member, 1)
    reached = ledger.clock.now()
    await sign_in(ledger, member, 3)

    class At:
        """A command of an instant."""

        def __init__(self, at: object) -> None:
            self.command, self.at = type("C", (), {"member_id": member})(), at

    async def tier_at(instant: object) -> object:
        from loyalty.engine.reads import ReadRequest

        async with ledger.pool.acquire() as connection:
            return (await TIER.query(ReadRequest(connection, [At(instant)], {}))).get(member)  # type: ignore[list-item]

    second = timedelta(seconds=1)
    asked = [begun, reached - second, reached, reached + second, ledger.clock.now()]
    assert [await tier_at(instant) for instant in asked] == ["t0", "t0", "t1", "t1", "t1"]


async def test_t11_a_new_ladder_takes_no_tier_away_and_keeps_the_history(ledger: Ledger) -> None:
    await kept(ledger, 20)
    member = await ledger.member()
    await sign_in(ledger, member, 3)
    await ledger.publish(
        rules_with(
            tiers=tiers(30, 40), tier_review={"by": "never"}, welcome={"points": 0}, check_in={"points": 10}
        ),
        in_s=DAY_S,
    )
    assert await shown(ledger, member) == "t1"
    ledger.clock.advance(DAY_S)
    assert await shown(ledger, member) == "t1"
    await kept(ledger, 1000)
    assert await shown(ledger, member) == "t1", "nobody loses a tier before their review"
    await kept(ledger, 20, 25)
    assert (await ledger.run(SetTier, member)).outcome == TierChanged(
        "t2", "2 级", "t1", "reached", rose=True
    )
    assert (await ledger.run(SetTier, member)).outcome == NothingDue()
    assert await violations(ledger) == []


async def test_history_begins_with_the_first_rules_that_keep_it(ledger: Ledger) -> None:
    await ledger.publish(rules_with(tiers=tiers(20), welcome={"points": 0}, check_in={"points": 10}))
    member = await ledger.member()
    await sign_in(ledger, member, 3)
    assert await spans(ledger, member) == []
    assert await shown(ledger, member) == "t1"
    await kept(ledger, 20, 50)
    assert (await ledger.run(SetTier, member)).outcome == TierChanged("t1", "1 级", "t1", "begun", rose=False)
    newcomer = await ledger.member()
    assert (await ledger.run(SetTier, newcomer)).outcome == NothingDue()
    assert await violations(ledger) == []


async def test_merged_members_keep_the_higher_tier(ledger: Ledger) -> None:
    await kept(ledger, 20, 40, 1000)
    first, second = await ledger.member(), await ledger.member()
    await sign_in(ledger, first, 2)
    await sign_in(ledger, second, 4)
    await merge(ledger.engine, (first, second), actor="operator", reason="test")
    await ledger.engine.settle()
    assert await spans(ledger, first) == [("t1", "t0", "reached", False), ("t2", "t1", "merged", True)]
    assert await shown(ledger, first) == "t2"
    await split(ledger.engine, second, actor="operator", reason="test")
    await ledger.engine.settle()
    assert (await shown(ledger, first), await shown(ledger, second)) == ("t2", "t2")
    assert await violations(ledger) == []


async def test_t02_days_signed_in_drive_the_ladder(ledger: Ledger) -> None:
    reach = {
        "need": "all",
        "lines": [
            {"metric": "active_days", "at_least": 3, "within": "year"},
            {"metric": "growth", "at_least": 20},
        ],
    }
    gold = {"id": "gold", "name": "金卡", "reach": reach}
    await ledger.publish(
        rules_with(
            tiers=[*tiers(), gold],
            tier_review={"by": "never"},
            welcome={"points": 0},
            check_in={"points": 10},
        )
    )
    member = await ledger.member()
    assert await sign_in(ledger, member, 2) == []
    assert await sign_in(ledger, member, 1) == [TierChanged("gold", "金卡", "t0", "reached", rose=True)]
    assert await sign_in(ledger, member, 1) == []
    assert await violations(ledger) == []
