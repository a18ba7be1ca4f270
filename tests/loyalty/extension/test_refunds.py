"""A refund finds points where an extension or a merge has taken them, also those that have lapsed there."""

from datetime import date, timedelta

import pytest

from loyalty.earning.outcomes import OrderRefunded
from loyalty.expiry.commands import Book
from loyalty.expiry.extension.commands import ExtendPoints
from loyalty.expiry.extension.outcomes import PointsExtended
from loyalty.merging.run import merge, split
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, Ledger
from tests.loyalty.earning.test_events import SPEND, buy, clean, publish, refund, sums
from tests.loyalty.purse import noon

EXPIRY = {"months": 1, "extension": {"days": 30, "late_days": 3}}
SHORT = SPEND | {"expiry": {"days": 20}}


async def without_gifts(ledger: Ledger, count: int) -> list[int]:
    await publish(ledger, SPEND, expiry=EXPIRY)
    return [await ledger.member() for _ in range(count)]


async def bought(ledger: Ledger, member: int, *, days: int, **rule: object) -> date:
    """A member buys for 50 points, so many days before these lapse; the lapse day."""
    await publish(ledger, SPEND | rule, expiry=EXPIRY)
    await buy(ledger, member, "X", 5000)
    gone_on: date = await ledger.pool.fetchval("SELECT max(expires_on) FROM lot WHERE member_id = $1", member)
    ledger.clock.move_to(noon(gone_on - timedelta(days=days)))
    return gone_on


async def extend(ledger: Ledger, member: int, gone_on: date) -> None:
    outcome = (await ledger.run(ExtendPoints, member, expires_on=gone_on)).outcome
    assert isinstance(outcome, PointsExtended), outcome


async def lots(ledger: Ledger, member: int) -> dict[date, tuple[int, int]]:
    """What remains and what has lapsed of each lapse day."""
    rows = await ledger.pool.fetch(
        "SELECT expires_on, remaining, expired FROM lot WHERE member_id = $1", member
    )
    return {row["expires_on"]: (row["remaining"], row["expired"]) for row in rows}


STORIES = [
    (3, 0, {}, 2500, 25, 0),
    (3, 0, {"pending_days": 2}, 2500, 25, 0),
    (-1, 0, {}, 2500, 25, 0),
    (3, 40, {}, 5000, 0, 0),
    (3, 40, {}, 2500, 0, 25),
]
"""Days until the lapse at the extension, days from then to the refund, the rule, fen refunded; what remains and lapsed then."""


@pytest.mark.parametrize(("days", "later", "rule", "fen", "remaining", "expired"), STORIES)
async def test_a_refund_takes_the_points_that_were_extended(
    ledger: Ledger, days: int, later: int, rule: dict[str, object], fen: int, remaining: int, expired: int
) -> None:
    [member] = await without_gifts(ledger, 1)
    gone_on = await bought(ledger, member, days=days, **rule)
    await extend(ledger, member, gone_on)
    await publish(ledger, SHORT, expiry=EXPIRY)
    ledger.clock.advance(later * DAY_S)
    await ledger.run(Book, member)
    await buy(ledger, member, "earlier", 900)
    outcome = await refund(ledger, member, "r", "X", fen)
    assert isinstance(outcome, OrderRefunded)
    assert (outcome.points, outcome.debt, outcome.unrecovered) == (fen // 100, 0, 0)
    found = await lots(ledger, member)
    assert found[gone_on + timedelta(days=30)] == (remaining, expired)
    assert await ledger.balance(member) == remaining + 9, (
        "points of another order stay, although they lapse before"
    )
    await clean(ledger)


async def test_extended_points_that_are_spent_are_owed(ledger: Ledger) -> None:
    [member] = await without_gifts(ledger, 1)
    await extend(ledger, member, await bought(ledger, member, days=3))
    await buy(ledger, member, "Y", 1000)
    assert (await ledger.run(Redeem, member, reward="cookie")).outcome.code == "redeemed"
    outcome = await refund(ledger, member, "r", "X", 5000)
    assert isinstance(outcome, OrderRefunded)
    assert (outcome.points, outcome.debt) == (50, 50)
    await clean(ledger)


@pytest.mark.parametrize("pending", [0, 2])
async def test_points_that_were_extended_after_a_merge_go_back_with_a_split(
    ledger: Ledger, pending: int
) -> None:
    old, young = await without_gifts(ledger, 2)
    gone_on = await bought(ledger, young, days=35, pending_days=pending)
    await buy(ledger, old, "own", 2000)
    await merge(ledger.engine, (old, young), actor="operator", reason="同一个人")
    ledger.clock.move_to(noon(gone_on - timedelta(days=3)))
    await ledger.run(Book, old)
    await extend(ledger, old, gone_on)
    had = await ledger.balance(old)
    await split(ledger.engine, young, actor="operator", reason="弄错了")
    assert (await ledger.balance(young), await ledger.balance(old)) == (50, had - 50)
    assert (await lots(ledger, young))[gone_on + timedelta(days=30)] == (50, 0)
    await clean(ledger)


@pytest.mark.parametrize("extended", [False, True])
async def test_what_has_lapsed_of_an_order_follows_it(ledger: Ledger, extended: bool) -> None:
    """Its refund takes back what lapsed, whichever half has the order then; growth goes with the points."""
    old, young = await without_gifts(ledger, 2)
    gone_on = await bought(ledger, young, days=3)
    if extended:
        await extend(ledger, young, gone_on)
    ledger.clock.advance(50 * DAY_S)
    await ledger.run(Book, young)
    await merge(ledger.engine, (old, young), actor="operator", reason="同一个人")
    await clean(ledger)
    assert await sums(ledger, old) | {"expired": 50, "growth": 50} == await sums(ledger, old)
    for half, event in ((old, "r1"), (young, "r2")):
        outcome = await refund(ledger, half, event, "X", 2000)
        assert isinstance(outcome, OrderRefunded)
        assert (outcome.points, outcome.debt) == (20, 0)
        await clean(ledger)
        if half == old:
            await split(ledger.engine, young, actor="operator", reason="弄错了")
            await clean(ledger)
    assert await sums(ledger, old) | {"expired": 0, "growth": 0, "reversed": 20} == await sums(ledger, old)
    assert await sums(ledger, young) | {"expired": 10, "growth": 10, "reversed": 20} == await sums(
        ledger, young
    )


async def test_what_lapses_between_merge_and_split_goes_back_too(ledger: Ledger) -> None:
    old, young = await without_gifts(ledger, 2)
    await bought(ledger, young, days=3)
    await merge(ledger.engine, (old, young), actor="operator", reason="同一个人")
    ledger.clock.advance(10 * DAY_S)
    await ledger.run(Book, old)
    await split(ledger.engine, young, actor="operator", reason="弄错了")
    assert await sums(ledger, young) | {"expired": 50, "growth": 50} == await sums(ledger, young)
    outcome = await refund(ledger, young, "r", "X", 5000)
    assert isinstance(outcome, OrderRefunded)
    assert outcome.debt == 0
    await clean(ledger)
