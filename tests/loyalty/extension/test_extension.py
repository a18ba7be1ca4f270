"""延期: one extension per lapse day, in time, at the price that was shown; and what is left afterwards."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.expiry.commands import Book
from loyalty.expiry.extension.commands import ExtendPoints
from loyalty.expiry.extension.outcomes import (
    AlreadyExtended,
    ExtensionsOff,
    NothingToExtend,
    PointsExtended,
    TooEarlyToExtend,
)
from loyalty.expiry.extension.rows import extended
from loyalty.expiry.extension.views import ExtensionOfDay, extension_offer
from loyalty.expiry.inactivity.commands import ForfeitInactive, WarnInactive
from loyalty.expiry.inactivity.outcomes import PointsForfeited
from loyalty.ledger.calendar import AT_ONCE
from loyalty.ledger.extending import extend, to_extend
from loyalty.ledger.lots import Lot, LotKey
from loyalty.ledger.wallet import Wallet
from loyalty.merging.run import merge, split
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Redeem
from loyalty.rule_texts import rule_texts
from loyalty.scope import Scope
from loyalty.shown.outcomes import PriceChanged
from tests.ledger import DAY_S, KEYS, Ledger, rules_with
from tests.loyalty.purse import MEMBER, TODAY, Purse, decided, holds, lot, noon, owe, wallet_of

FREE = {"days": 30}
PAID = {"days": 30, "price_points": 5}
LATE = {"days": 30, "late_days": 3}


def rules(extension: dict[str, Any] | None = FREE, months: int = 1) -> RuleSet:
    return rules_with(expiry={"months": months, "extension": extension})


def day(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


def lapsed(points: int, ahead: int) -> Lot:
    return Lot(LotKey(day(ahead), AT_ONCE, 0), opened=True, granted=points, expired=points)


def later(points: int, ahead: int) -> Lot:
    return Lot(LotKey(day(ahead), AT_ONCE, 30), opened=True, granted=points, remaining=points)


CASES: list[tuple[dict[str, Any] | None, list[Lot], int, int | None, Outcome]] = [
    (None, [lot(80, day(7))], 7, None, ExtensionsOff()),
    (FREE, [lot(80, day(7)), lot(9, day(8))], 7, None, PointsExtended(day(7), day(37), 80, 0, 89)),
    (FREE, [lot(80, day(30))], 30, None, PointsExtended(day(30), day(60), 80, 0, 80)),
    (FREE, [lot(80, day(31))], 31, None, TooEarlyToExtend(day(31), day(1))),
    (FREE, [lot(80, day(1))], 1, None, PointsExtended(day(1), day(31), 80, 0, 80)),
    (FREE, [lot(80, day(0))], 0, None, NothingToExtend(day(0))),
    (FREE, [lapsed(80, -1)], -1, None, NothingToExtend(day(-1))),
    (FREE, [later(80, 7)], 7, None, NothingToExtend(day(7))),
    (FREE, [lot(80, day(7), day(3), opened=False)], 7, None, NothingToExtend(day(7))),
    (FREE, [lot(80)], 7, None, NothingToExtend(day(7))),
    (FREE, [lot(80, day(7))], 7, 5, PointsExtended(day(7), day(37), 80, 0, 80)),
    (PAID, [lot(80, day(7))], 7, 5, PointsExtended(day(7), day(37), 80, 5, 75)),
    (PAID, [lot(80, day(7))], 7, None, PriceChanged(5, "延期")),
    (PAID, [lot(80, day(7))], 7, 4, PriceChanged(5, "延期")),
    (PAID, [lot(5, day(7)), lot(90)], 7, 5, NothingToExtend(day(7))),
    (LATE, [lot(80, day(0)), lot(1)], 0, None, PointsExtended(day(0), day(30), 80, 0, 81)),
    (LATE, [lapsed(80, -2)], -2, None, PointsExtended(day(-2), day(28), 80, 0, 80)),
    (LATE, [lapsed(80, -3)], -3, None, NothingToExtend(day(-3))),
    ({"days": 2, "late_days": 9}, [lapsed(80, -2)], -2, None, NothingToExtend(day(-2))),
]


@pytest.mark.parametrize(("rule", "lots", "ahead", "price", "expected"), CASES)
def test_what_is_extended(
    rule: dict[str, Any] | None, lots: list[Lot], ahead: int, price: int | None, expected: Outcome
) -> None:
    wallet = wallet_of(*lots, meters={extended(day(ahead)): 0})
    wallet.account.issued += sum(one.expired for one in lots)
    wallet.account.expired += sum(one.expired for one in lots)
    command = ExtendPoints(
        member_id=MEMBER, request_key="k", at=noon(TODAY), expires_on=day(ahead), price_points=price
    )
    outcome = decided(command, wallet, rules(rule))
    assert outcome == expected
    if not isinstance(outcome, PointsExtended):
        assert not {kind for kind, _ in wallet.writes.lot_uses} & {"extended_out", "extended_in", "unexpired"}
        return
    put_off = wallet.lots[
        LotKey(outcome.extended_to, AT_ONCE, (outcome.extended_to - outcome.expires_on).days)
    ]
    assert put_off.granted == outcome.points
    assert sum(one.remaining for one in wallet.lots.values()) == wallet.available == outcome.balance
    for one in wallet.lots.values():
        assert one.granted == one.remaining + one.spent + one.expired
    assert decided(command, _again(wallet, outcome.expires_on), rules(rule)) == AlreadyExtended(day(ahead))


def _again(wallet: Wallet, gone_on: date) -> Wallet:
    return wallet_of(*wallet.lots.values(), meters={extended(gone_on): 1})


def test_what_comes_back_repays_debt_before_the_price() -> None:
    command = ExtendPoints(
        member_id=MEMBER, request_key="k", at=noon(TODAY), expires_on=day(-1), price_points=5
    )
    for debt, expected in ((70, PointsExtended(day(-1), day(29), 80, 5, 5)), (77, NotEnoughPoints(5, 3))):
        wallet = wallet_of(lapsed(80, -1), meters={extended(day(-1)): 0})
        wallet.account.issued = wallet.account.expired = 80
        owe(wallet, debt)
        assert decided(command, wallet, rules(PAID | LATE)) == expected


def test_the_ledger_adds_up_with_extensions() -> None:
    """Grant, extend, lapse, revive: the lots, the buckets and the entries agree after each."""
    purse = Purse()
    steps: tuple[Callable[[Wallet], object], ...] = (
        lambda wallet: wallet.grant(50, "check_in", {}, day(7)),
        lambda wallet: extend(wallet, day(7), day(37)),
        lambda wallet: wallet.grant(20, "check_in", {}, day(7)),
        lambda wallet: wallet.spend(30, "redeem", {}),
    )
    for step in steps:
        wallet = purse.open()
        step(wallet)
        purse.keep(wallet)
        holds(purse)
    purse.day = day(40)
    wallet = purse.open()
    purse.keep(wallet)
    holds(purse)
    assert purse.account.expired == 40  # the second grant was spent first: it lapsed earlier
    wallet = purse.open()
    assert to_extend(wallet, day(37), lapsed=True) == 0


async def test_points_live_on_after_one_extension(ledger: Ledger) -> None:
    """A gift that lapses at the end of next month is put off by thirty days, once; then it is gone, and the audit agrees."""
    await ledger.publish(rules())
    member = await ledger.member()
    gone_on = await _lapse_day(ledger, member)
    ledger.clock.move_to(noon(gone_on - timedelta(days=7)))
    offer = await extension_offer(ledger.pool, member, await ledger.live(), ledger.clock.now())
    assert offer is not None
    assert (offer.days, offer.price_points) == ([ExtensionOfDay(gone_on, _later(gone_on), 100)], 0)
    first = await ledger.run(ExtendPoints, member, "once", expires_on=gone_on)
    assert first.outcome == PointsExtended(gone_on, _later(gone_on), 100, 0, 100)
    again = await ledger.run(ExtendPoints, member, "once", expires_on=gone_on)
    assert (again.outcome, again.replayed) == (first.outcome, True)
    other = await ledger.run(ExtendPoints, member, expires_on=gone_on)
    assert other.outcome == AlreadyExtended(gone_on)
    offer = await extension_offer(ledger.pool, member, await ledger.live(), ledger.clock.now())
    assert offer is not None
    assert offer.days == []
    ledger.clock.move_to(noon(_later(gone_on) - timedelta(days=1)))
    assert (await ledger.run(Redeem, member, reward="cookie")).outcome.code == "redeemed"
    twice = await ledger.run(ExtendPoints, member, expires_on=_later(gone_on))
    assert twice.outcome == NothingToExtend(_later(gone_on))
    ledger.clock.advance(DAY_S)
    await ledger.run(Book, member)
    assert await ledger.balance(member) == 0
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


async def test_an_extension_and_a_purchase_at_once_agree(ledger: Ledger) -> None:
    await ledger.publish(rules(PAID))
    member = await ledger.member()
    gone_on = await _lapse_day(ledger, member)
    ledger.clock.move_to(noon(gone_on - timedelta(days=7)))
    now = ledger.clock.now()
    extend = [
        ExtendPoints(member_id=member, request_key=f"e{turn}", at=now, expires_on=gone_on, price_points=5)
        for turn in range(4)
    ]
    buy = Redeem(member_id=member, request_key="r", at=now, reward="cookie")
    async with ledger.rival() as rival:
        mine = await ledger.engine.run_all([extend[0], buy, extend[1]])
        others = await rival.run_all(extend[2:])
    codes = sorted(one.outcome.code for one in [*mine, *others])
    assert codes == ["already_extended"] * 3 + ["points_extended", "redeemed"]
    assert await ledger.balance(member) == 35
    assert not (await audit(ledger.pool, now, KEYS)).violations


async def test_lapsed_points_come_back_where_the_rules_say_so(ledger: Ledger) -> None:
    await ledger.publish(rules(LATE))
    member = await ledger.member()
    gone_on = await _lapse_day(ledger, member)
    ledger.clock.move_to(noon(gone_on + timedelta(days=1)))
    await ledger.run(CheckIn, member)
    assert await ledger.balance(member) == 10
    offer = await extension_offer(ledger.pool, member, await ledger.live(), ledger.clock.now())
    assert offer is not None
    assert offer.days == [ExtensionOfDay(gone_on, _later(gone_on), 100)]
    await ledger.run(ExtendPoints, member, expires_on=gone_on)
    assert await ledger.balance(member) == 110
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


def test_members_read_when_points_can_be_extended() -> None:
    texts = {topic.topic: topic.sentences for topic in rule_texts(rules(PAID | LATE))}
    assert texts["extension"] == (
        "到期前 30 天内可以延期 1 次，从原来的到期日起多用 30 天，用 5 积分。",
        "到期清零后 3 天内还可以补办，积分会退回来。",
    )
    assert "extension" not in {topic.topic for topic in rule_texts(rules(None))}


async def _lapse_day(ledger: Ledger, member: int) -> date:
    gone_on: date = await ledger.pool.fetchval("SELECT expires_on FROM lot WHERE member_id = $1", member)
    return gone_on


def _later(gone_on: date) -> date:
    return gone_on + timedelta(days=30)


async def test_extended_points_stay_extended_after_a_merge(ledger: Ledger) -> None:
    """They move with the mark of their lot, and the day that one of the two has put off counts for both of them."""
    await ledger.publish(rules())
    first, second = await ledger.member(), await ledger.member()
    gone_on = await _lapse_day(ledger, second)
    ledger.clock.move_to(noon(gone_on - timedelta(days=7)))
    await ledger.run(ExtendPoints, second, expires_on=gone_on)
    await merge(ledger.engine, (first, second), actor="operator", reason="同一个人")
    assert (await ledger.run(ExtendPoints, first, expires_on=gone_on)).outcome == AlreadyExtended(gone_on)
    ledger.clock.move_to(noon(gone_on))
    await ledger.run(Book, first)
    assert await ledger.balance(first) == 100
    later = await ledger.run(ExtendPoints, first, expires_on=_later(gone_on))
    assert later.outcome == NothingToExtend(_later(gone_on))
    await split(ledger.engine, second, actor="operator", reason="弄错了")
    assert (await ledger.balance(first), await ledger.balance(second)) == (0, 100)
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


async def test_an_audit_that_begins_after_an_extension_agrees(ledger: Ledger) -> None:
    """The lots before its first receipt are computed backwards, through what was put off, revived and forfeited since."""
    inactivity = {"months": 1, "warn_days": 1}
    await ledger.publish(rules_with(expiry={"months": 1, "extension": LATE, "inactivity": inactivity}))
    member = await ledger.member()
    seen: date = await ledger.pool.fetchval("SELECT last_seen_on FROM account WHERE member_id = $1", member)
    gone_on = await _lapse_day(ledger, member)
    ledger.clock.move_to(noon(gone_on + timedelta(days=1)))
    await ledger.run(Book, member, actor="system")
    starts = [ledger.clock.now()]
    ledger.clock.advance(60)
    await ledger.run(ExtendPoints, member, actor="system", expires_on=gone_on)
    starts.append(ledger.clock.now())
    await ledger.run(WarnInactive, member, actor="system", silent_since=seen)
    ledger.clock.advance(2 * DAY_S)
    starts.append(ledger.clock.now())
    assert (
        await ledger.run(ForfeitInactive, member, actor="system", silent_since=seen)
    ).outcome == PointsForfeited(seen, 100)
    for since in (*starts, ledger.clock.now() + timedelta(seconds=1)):
        report = await audit(ledger.pool, ledger.clock.now(), KEYS, scope=Scope(since=since))
        assert not [one for one in report.violations if one.invariant != "I21"], since
