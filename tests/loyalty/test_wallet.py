"""The wallet's primitives: what moves where, and what holds whatever is done in whatever order."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.ledger.calendar import AT_ONCE, NEVER
from loyalty.ledger.holds import capture, hold, release
from loyalty.ledger.lots import Lot, LotShare, first_points, plan_spend
from loyalty.ledger.wallet import Wallet
from tests.loyalty.purse import TODAY, Purse, holds, key, lot, owe, promise, story, wallet_of

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)

PLANS: list[tuple[list[Lot], int, list[tuple[date, int]] | None]] = [
    ([], 0, []),
    ([], 1, None),
    ([lot(10, APRIL)], 10, [(APRIL, 10)]),
    ([lot(10, APRIL)], 11, None),
    ([lot(10, MAY), lot(10, APRIL)], 5, [(APRIL, 5)]),
    ([lot(10, MAY), lot(10, APRIL)], 15, [(APRIL, 10), (MAY, 5)]),
    ([lot(10), lot(1, JUNE), lot(2, APRIL)], 13, [(APRIL, 2), (JUNE, 1), (NEVER, 10)]),
    ([lot(10, APRIL, MAY, opened=False), lot(5, JUNE)], 5, [(JUNE, 5)]),
    ([lot(10, APRIL, MAY, opened=False)], 1, None),
    ([lot(0, APRIL), lot(3, MAY)], 3, [(MAY, 3)]),
]


@pytest.mark.parametrize(("lots", "points", "plan"), PLANS)
def test_plan_spend(lots: list[Lot], points: int, plan: list[tuple[date, int]] | None) -> None:
    if plan is None:
        with pytest.raises(ValueError, match="short"):
            plan_spend(lots, points)
    else:
        assert [(one.key.expires_on, taken) for one, taken in plan_spend(lots, points)] == plan


def test_among_equal_expiries_the_earlier_opened_pays_first() -> None:
    early, late = lot(5, JUNE, date(2026, 1, 1)), lot(5, JUNE, date(2026, 2, 1))
    assert plan_spend([late, early], 6) == [(early, 5), (late, 1)]


LAPSE = [
    (APRIL, date(2026, 3, 31), True, (0, 0)),
    (APRIL, APRIL, True, (0, 10)),
    (APRIL, date(2026, 7, 4), True, (0, 10)),
    (NEVER, date(2099, 1, 1), True, (0, 0)),
    (JUNE, date(2026, 3, 31), False, (0, 0)),
    (JUNE, APRIL, False, (10, 0)),
    (JUNE, date(2026, 5, 31), False, (10, 0)),
    (JUNE, JUNE, False, (10, 10)),
]


@pytest.mark.parametrize(("expires_on", "today", "opened", "booked"), LAPSE)
def test_book_opens_and_lapses_by_date(
    expires_on: date, today: date, opened: bool, booked: tuple[int, int]
) -> None:
    opens_on = AT_ONCE if opened else APRIL
    wallet = wallet_of(lot(10, expires_on, opens_on, opened=opened), today=today)
    assert wallet.book() == booked
    assert wallet.book() == (0, 0)


def test_what_opened_and_lapsed_while_nobody_looked_is_gone() -> None:
    wallet = wallet_of(lot(10, JUNE, APRIL, opened=False), today=JUNE)
    wallet.book()
    assert story(wallet.writes.entries) == [("pending", "available", 10), ("available", "expired", 10)]
    assert wallet.available == 0


def test_a_grant_into_a_day_that_has_passed_lapses_at_once() -> None:
    wallet = wallet_of(today=APRIL)
    wallet.grant(10, "late", {}, APRIL)
    assert (wallet.available, wallet.account.expired, wallet.account.growth) == (0, 10, 10)
    with pytest.raises(ValueError, match="short"):
        wallet.spend(1, "x", {})


def test_points_restored_into_a_lapsed_lot_lapse_at_once() -> None:
    gone = Lot(key(APRIL), opened=True, granted=10, spent=10)
    kept = Lot(key(JUNE), opened=True, granted=5, spent=5)
    wallet = wallet_of(gone, kept, today=APRIL)
    wallet.account.issued = wallet.account.spent = 15
    assert wallet.restore([(gone.key, 10), (kept.key, 5)], "cancel", {}) == 10
    assert (wallet.available, gone.expired, gone.spent, kept.remaining) == (5, 10, 0, 5)
    assert story(wallet.writes.entries) == [("spent", "available", 15), ("available", "expired", 10)]


DEBTS = [
    (0, 50, (50, 0)),
    (30, 50, (20, 0)),
    (50, 50, (0, 0)),
    (80, 50, (0, 30)),
]


@pytest.mark.parametrize(("debt", "earned", "after"), DEBTS)
def test_earnings_repay_debt_first(debt: int, earned: int, after: tuple[int, int]) -> None:
    purse = Purse()
    wallet = purse.open()
    if debt:
        owe(wallet, debt)
    wallet.grant(earned, "earned", {}, JUNE)
    purse.keep(wallet)
    assert (purse.account.available, purse.account.debt) == after
    assert purse.lots[key(JUNE)].offset_debt == min(debt, earned)
    assert purse.account.growth == earned
    holds(purse)


def test_points_that_lapse_today_do_not_repay_a_debt() -> None:
    purse = Purse()
    wallet = purse.open()
    promise(wallet, 10, APRIL, MAY)
    owe(wallet, 10)
    purse.keep(wallet)
    purse.day = MAY
    purse.keep(purse.open())
    assert (purse.account.debt, purse.account.expired) == (10, 10)
    holds(purse)


def test_only_changed_lots_are_written() -> None:
    wallet = wallet_of(lot(5, APRIL), lot(5, MAY), lot(5, JUNE))
    wallet.spend(7, "x", {})
    wallet.grant(1, "y", {}, NEVER)
    assert [one.key.expires_on for one, _ in wallet.changed_lots()] == [APRIL, MAY, NEVER]
    assert [before is None for _, before in wallet.changed_lots()] == [False, False, True]


days_ahead = st.integers(1, 120)
points = st.integers(1, 500)
steps = st.one_of(
    st.tuples(st.just("grant"), points, days_ahead | st.just(-5)),
    st.tuples(st.just("promise"), points, days_ahead),
    st.tuples(st.just("spend"), points, st.just(0)),
    st.tuples(st.just("owe"), points, st.just(0)),
    st.tuples(st.just("restore"), st.integers(0, 10), st.just(0)),
    st.tuples(st.just("hold"), points, st.just(0)),
    st.tuples(st.just("close"), st.integers(0, 10), st.integers(0, 100)),
    st.tuples(st.just("sleep"), st.integers(1, 60), st.just(0)),
)


@settings(max_examples=150)
@given(st.lists(steps, max_size=25))
def test_whatever_happens_the_books_balance(history: list[tuple[str, int, int]]) -> None:
    """I1 to I4, I9, I10 and the chain, after every command of a made-up life."""
    purse = Purse()
    bills: list[list[tuple[object, int]]] = []
    asides: list[list[LotShare]] = []
    for what, amount, days in history:
        if what == "sleep":
            purse.day += timedelta(days=amount)
        wallet = purse.open()
        nothing_spendable_out_of_season(wallet)
        if what == "grant":
            wallet.grant(amount, "granted", {}, purse.day + timedelta(days=days))
        elif what == "promise":
            promise(wallet, amount, purse.day + timedelta(days=days), purse.day + timedelta(days=2 * days))
        elif what == "owe" and not wallet.available:
            owe(wallet, amount)
        elif what == "spend" and amount <= wallet.available:
            wallet.spend(amount, "bought", {})
            bills.append(
                [(use[1], taken) for use, taken in wallet.writes.lot_uses.items() if use[0] == "spent"]
            )
            spent_earliest_first(wallet)
        elif what == "hold" and amount <= wallet.available:
            hold(wallet, amount, "held", {})
            asides.append(
                [(use[1], taken) for use, taken in wallet.writes.lot_uses.items() if use[0] == "held"]
            )
        elif what == "close" and asides:
            aside = asides.pop(amount % len(asides))
            paid, rest = first_points(aside, sum(taken for _, taken in aside) * days // 100)
            if paid:
                capture(wallet, paid, "captured", {})
            if rest:
                release(wallet, rest, "released", {})
        elif what == "restore" and bills:
            wallet.restore(bills.pop(amount % len(bills)), "cancelled", {})  # type: ignore[arg-type]  # lot keys
        nothing_spendable_out_of_season(wallet)
        purse.keep(wallet)
        holds(purse)


def nothing_spendable_out_of_season(wallet: Wallet) -> None:
    for one in wallet.lots.values():
        if one.opened:
            assert one.key.opens_on <= wallet.today
            assert one.remaining == 0 or one.key.expires_on > wallet.today
        else:
            assert one.key.opens_on > wallet.today


def spent_earliest_first(wallet: Wallet) -> None:
    latest_taken = max(use[1] for use in wallet.writes.lot_uses if use[0] == "spent")
    left = [one.key for one in wallet.lots.values() if one.opened and one.remaining]
    assert all(one >= latest_taken for one in left)


@settings(max_examples=100)
@given(st.lists(st.tuples(points, st.integers(0, 40)), min_size=1, max_size=8), st.integers(1, 4000))
def test_spending_and_restoring_leaves_the_lots_as_they_were(lots: list[tuple[int, int]], price: int) -> None:
    purse = Purse()
    wallet = purse.open()
    for amount, days in lots:
        wallet.grant(amount, "granted", {}, TODAY + timedelta(days=1 + days))
    purse.keep(wallet)
    before = {one.key: one.remaining for one in purse.lots.values()}
    wallet = purse.open()
    if price > wallet.available:
        with pytest.raises(ValueError, match="short"):
            wallet.spend(price, "bought", {})
        return
    wallet.spend(price, "bought", {})
    uses = [(use[1], taken) for use, taken in wallet.writes.lot_uses.items()]
    purse.keep(wallet)
    wallet = purse.open()
    assert wallet.restore(uses, "cancelled", {}) == 0
    purse.keep(wallet)
    assert {one.key: one.remaining for one in purse.lots.values()} == before
    holds(purse)
