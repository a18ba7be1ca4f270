"""Three members who are merged one into another, and split again: each has their own orders, points and vouchers at the end."""

from dataclasses import dataclass, field
from random import Random

import pytest

from loyalty.earning.outcomes import OrderRefunded
from loyalty.engine.outcomes import Outcome
from loyalty.merging.outcomes import AlreadyMerged, MergedOut, MergedThrough, NotMerged, SplitOff
from loyalty.merging.run import current, merge, split
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from tests.ledger import DAY_S, Ledger
from tests.loyalty.earning.test_events import SPEND, buy, clean, publish, refund
from tests.loyalty.merging.test_orders import meters

FEN_PER_POINT = 100


async def joined(ledger: Ledger, one: int, other: int) -> Outcome:
    return await merge(ledger.engine, (one, other), actor="operator", reason="同一个人")


async def parted(ledger: Ledger, member: int) -> Outcome:
    return (await split(ledger.engine, member, actor="operator", reason="弄错了")).outcome


async def trio(ledger: Ledger) -> tuple[int, int, int]:
    return await ledger.member(), await ledger.member(), await ledger.member()


async def chain(ledger: Ledger, first: int, middle: int, last: int) -> None:
    """Merge the last into the middle one, and that one into the first."""
    assert isinstance(await joined(ledger, middle, last), MergedOut)
    assert isinstance(await joined(ledger, first, middle), MergedOut)


async def unchain(ledger: Ledger, middle: int, last: int) -> None:
    for member in (middle, last):
        assert isinstance(await parted(ledger, member), SplitOff)
        await clean(ledger)


async def vouchers(ledger: Ledger) -> dict[int, str]:
    """The code of each member's voucher."""
    rows = await ledger.pool.fetch("SELECT member_id, voucher_code FROM redemption WHERE state = 'issued'")
    return {row["member_id"]: row["voucher_code"] for row in rows}


async def test_a_link_is_undone_only_after_the_later_one(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    first, middle, last = await trio(ledger)
    await chain(ledger, first, middle, last)
    refused = await parted(ledger, last)
    assert refused == MergedThrough(last, middle)
    assert f"请先撤销会员 {middle} 的合并，再撤销会员 {last} 的合并" in refused.sentence
    assert await current(ledger.engine, last) == first
    await unchain(ledger, middle, last)
    assert await parted(ledger, last) == NotMerged(last)


@pytest.mark.parametrize("refunded", [0, 2000, 5000])
@pytest.mark.parametrize("at", ["middle", "first"])
async def test_an_order_returns_to_whoever_bought_it(ledger: Ledger, refunded: int, at: str) -> None:
    """Also one of which something, or all, was refunded while it was with the middle one, or with the first."""
    growing = SPEND | {"growth": {"points": 2, "per_fen": 100}}
    await publish(ledger, growing)
    first, middle, last = await trio(ledger)
    await buy(ledger, last, "C", 5000)
    await buy(ledger, middle, "B", 3000)
    before = await meters(ledger, middle)
    await joined(ledger, middle, last)
    if at == "first":
        await joined(ledger, first, middle)
    if refunded:
        member = middle if at == "middle" else first
        assert isinstance(await refund(ledger, member, "r", "C", refunded), OrderRefunded)
    if at == "middle":
        await joined(ledger, first, middle)
    await unchain(ledger, middle, last)
    owners = await ledger.pool.fetch("SELECT order_no, member_id FROM order_key WHERE NOT claim_only")
    assert dict(tuple(row) for row in owners)["C"] in (
        {last} if at == "first" or refunded < 5000 else {middle, last}
    )
    assert [await ledger.balance(one) for one in (first, middle, last)] == [0, 30, (5000 - refunded) // 100]
    grown = await ledger.pool.fetch("SELECT growth FROM account ORDER BY member_id")
    assert [row["growth"] for row in grown] == [0, 60, 2 * (5000 - refunded) // 100]
    assert await meters(ledger, middle) == before
    if refunded < 5000:
        assert isinstance(await refund(ledger, last, "rest", "C", 5000 - refunded), OrderRefunded)
    await clean(ledger)


async def test_a_refund_that_waits_returns_to_whom_it_was_reported_for(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    first, middle, last = await trio(ledger)
    await refund(ledger, last, "early", "C", 700)
    await chain(ledger, first, middle, last)
    await unchain(ledger, middle, last)
    await buy(ledger, last, "C", 1000)
    assert await ledger.balance(last) == 3
    await clean(ledger)


async def test_a_voucher_returns_to_whoever_exchanged_it(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    first, middle, last = await trio(ledger)
    for member in (middle, last):
        await buy(ledger, member, f"of {member}", 50_000)
        assert isinstance((await ledger.run(Redeem, member, reward="cookie")).outcome, Redeemed)
    bought = await vouchers(ledger)
    assert sorted(bought) == [middle, last]
    for _ in range(2):
        await chain(ledger, first, middle, last)
        await ledger.engine.settle()
        await parted(ledger, middle)
        await ledger.engine.settle()
        await parted(ledger, last)
        await ledger.engine.settle()
        rows = await ledger.pool.fetch(
            "SELECT member_id, voucher_code FROM redemption WHERE state = 'issued'"
        )
        assert {row["member_id"]: row["voucher_code"] for row in rows} == bought
        await clean(ledger)


@dataclass
class Trio:
    """Three members and their orders: the second ledger, which keeps who is merged into whom, and the home of each order."""

    members: tuple[int, int, int]
    into: dict[int, int] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def who(self, member: int) -> int:
        while member in self.into:
            member = self.into[member]
        return member

    def points(self, member: int) -> int:
        return (
            sum(fen for order, fen in self.left.items() if self.who(self.homes[order]) == member)
            // FEN_PER_POINT
        )

    def merges(self, one: int, other: int) -> type[Outcome]:
        first, later = sorted((self.who(one), self.who(other)))
        if first == later:
            return AlreadyMerged
        self.into[later] = first
        return MergedOut

    def splits(self, member: int) -> type[Outcome]:
        if member not in self.into:
            return NotMerged
        if self.into[member] in self.into:
            return MergedThrough
        del self.into[member]
        return SplitOff


async def deed(ledger: Ledger, one: Trio, dice: Random) -> None:
    """A purchase, a refund, a merge or an undoing, each answered as the second ledger foretells."""
    member = dice.choice(one.members)
    match dice.choice(("buy", "refund", "merge", "merge", "split", "wait")):
        case "buy":
            order, fen = f"{one.members}-{len(one.homes)}", FEN_PER_POINT * dice.randrange(1, 90)
            await buy(ledger, one.who(member), order, fen)
            one.homes[order], one.left[order] = one.who(member), fen
        case "refund" if one.homes:
            order = dice.choice(list(one.homes))
            fen = dice.choice((FEN_PER_POINT, one.left[order]))
            if 0 < fen <= one.left[order]:
                owner = one.who(one.homes[order])
                assert isinstance(await refund(ledger, owner, f"r{dice.random()}", order, fen), OrderRefunded)
                one.left[order] -= fen
        case "merge":
            other = dice.choice(one.members)
            foretold = one.merges(member, other)
            assert type(await joined(ledger, member, other)) is foretold
        case "split":
            foretold = one.splits(member)
            assert type(await parted(ledger, member)) is foretold
        case _:
            ledger.clock.advance(DAY_S)


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_merges_and_undoings_leaves_each_their_own(ledger: Ledger, seed: int) -> None:
    await publish(ledger, SPEND)
    dice = Random(seed)  # noqa: S311  # a simulation must come again
    crowd = [Trio(await trio(ledger)) for _ in range(4)]
    for one in crowd:
        for _ in range(18):
            await deed(ledger, one, dice)
        for member in one.members:
            assert await ledger.balance(member) == (one.points(member) if one.who(member) == member else 0), (
                one
            )
    keys = await ledger.pool.fetch("SELECT order_no, member_id FROM order_key WHERE NOT claim_only")
    owners = dict(tuple(row) for row in keys)
    for one in crowd:
        for order in (order for order, fen in one.left.items() if fen):
            assert owners[order] == one.who(one.homes[order])
    await clean(ledger)
