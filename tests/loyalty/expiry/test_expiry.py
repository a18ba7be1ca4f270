"""What the clock's commands decide: warning of points about to lapse, booking what is due."""

from datetime import timedelta

import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed, NothingDue
from loyalty.expiry.commands import Book, WarnExpiry
from loyalty.expiry.outcomes import Booked, ExpiryWarned
from loyalty.expiry.rows import WARNINGS_GIVEN, warning
from loyalty.ledger.lots import Lot
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, Ledger, rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, key, lot, noon, wallet_of

RULES = rules_with()

RANGES = [
    (31, None), (30, "30-8"), (29, "30-8"), (8, "30-8"), (7, "7-2"), (2, "7-2"), (1, "1-1"), (0, None), (-1, None), (400, None),
]  # fmt: skip


@pytest.mark.parametrize(("days_left", "range_key"), RANGES)
def test_a_range_speaks_on_each_of_its_days(days_left: int, range_key: str | None) -> None:
    """Whatever day of its range the job first looks, so that a late job still warns."""
    gone_on = TODAY + timedelta(days=days_left)
    wallet = wallet_of(lot(10, gone_on), lot(5))
    command = WarnExpiry(member_id=MEMBER, request_key="k", at=noon(TODAY))
    outcome = decided(command, wallet, RULES)
    expected = ExpiryWarned(((range_key, 10, gone_on),)) if range_key else NothingDue()
    assert outcome == expected
    payload = {"points": 10, "expires_on": gone_on.isoformat(), "days_left": days_left}
    told = [("expiry", f"{range_key}|{gone_on.isoformat()}", payload)] if range_key else []
    assert [notice[:3] for notice in wallet.writes.notices] == told


def test_a_range_speaks_once_for_a_lapse_day() -> None:
    gone_on = TODAY + timedelta(days=7)
    given = {WARNINGS_GIVEN: frozenset({warning(gone_on, "7-2")})}
    wallet = wallet_of(lot(10, gone_on))
    command = WarnExpiry(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, RULES, given) == NothingDue()
    wallet = wallet_of(lot(10, gone_on), lot(3, gone_on - timedelta(days=1)))
    assert decided(command, wallet, RULES, given) == ExpiryWarned((("7-2", 3, gone_on - timedelta(days=1)),))


def test_spent_points_are_not_warned_of() -> None:
    gone_on = TODAY + timedelta(days=7)
    spent = Lot(key(gone_on), opened=True, granted=10, spent=10)
    wallet = wallet_of(spent, lot(100))
    command = WarnExpiry(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, RULES) == NothingDue()


def test_lots_of_one_day_are_told_together() -> None:
    gone_on = TODAY + timedelta(days=1)
    wallet = wallet_of(lot(10, gone_on), lot(5, gone_on, TODAY - timedelta(days=3)))
    command = WarnExpiry(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, RULES) == ExpiryWarned((("1-1", 15, gone_on),))


async def test_a_member_hears_of_a_lapse_once_in_each_range(ledger: Ledger) -> None:
    """A job that runs every day from the fortieth day before to the day after."""
    member = await ledger.member()
    gone_on = await ledger.pool.fetchval("SELECT expires_on FROM lot WHERE member_id = $1", member)
    ledger.clock.move_to(noon(gone_on - timedelta(days=40)))
    for day in range(42):
        await ledger.run(WarnExpiry, member, key=f"job:{day}")
        if day == 36:
            await ledger.run(CheckIn, member)
            await ledger.run(Redeem, member, reward="cookie")
        ledger.clock.advance(DAY_S)
    rows = await ledger.pool.fetch(
        "SELECT key, payload->>'points' FROM notice WHERE kind = 'expiry' ORDER BY created_at"
    )
    assert [tuple(row) for row in rows] == [
        (f"30-8|{gone_on}", "100"), (f"7-2|{gone_on}", "100"), (f"1-1|{gone_on}", "40"),
    ]  # fmt: skip


BOOKINGS: list[tuple[list[Lot], Outcome]] = [
    ([], NothingDue()),
    ([lot(10)], NothingDue()),
    ([lot(10, TODAY)], Booked(0, 10, 0)),
    ([lot(10, TODAY), lot(7)], Booked(0, 10, 7)),
    ([lot(10, TODAY + timedelta(days=9), TODAY, opened=False)], Booked(10, 0, 10)),
    ([lot(10, TODAY, TODAY - timedelta(days=1), opened=False), lot(1)], Booked(10, 10, 1)),
]


@pytest.mark.parametrize(("lots", "expected"), BOOKINGS)
def test_expire_books_what_is_due_and_nothing_else(lots: list[Lot], expected: Outcome) -> None:
    wallet = wallet_of(*lots)
    command = Book(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, RULES) == expected


async def test_lapsed_points_cannot_be_spent_though_no_job_has_run(ledger: Ledger) -> None:
    member = await ledger.member()
    gone_on = await ledger.pool.fetchval("SELECT expires_on FROM lot WHERE member_id = $1", member)
    ledger.clock.move_to(noon(gone_on + timedelta(days=3)))
    refused = await ledger.run(Redeem, member, reward="cookie")
    assert refused.outcome.code == "not_enough_points"
    assert await ledger.balance(member) == 100  # booked by the next command that is accepted
    await ledger.run(CheckIn, member)
    assert await ledger.balance(member) == 10
    assert await ledger.pool.fetchval("SELECT expired FROM account WHERE member_id = $1", member) == 100
    assert (await ledger.run(Book, member)).outcome == NothingDue()


async def test_a_command_that_speaks_of_long_ago_grants_what_has_lapsed(ledger: Ledger) -> None:
    """Its points fall into a lot that lapsed meanwhile: they are counted, and gone at once."""
    member, other = await ledger.member(), await ledger.member()
    long_ago = ledger.clock.now()
    ledger.clock.advance(500 * DAY_S)
    await ledger.run(Book, member)
    late = CheckIn(member_id=member, request_key="late", at=long_ago)
    prompt = CheckIn(member_id=other, request_key="prompt", at=ledger.clock.now())
    answers = await ledger.engine.run_all([late, prompt])
    assert [answer.outcome.code for answer in answers] == ["checked_in", "checked_in"]
    row = await ledger.pool.fetchrow(
        "SELECT available, issued, expired FROM account WHERE member_id = $1", member
    )
    assert tuple(row) == (0, 110, 110)
    assert await ledger.count("lot", member_id=member) == 1


@pytest.mark.parametrize(
    ("status", "expected"), [("frozen", Booked(0, 10, 0)), ("closed", AccountClosed("closed"))]
)
def test_a_frozen_account_lapses_and_a_closed_one_is_left_alone(status: str, expected: Outcome) -> None:
    wallet = wallet_of(lot(10, TODAY))
    wallet.account.status = status
    command = Book(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, RULES) == expected
    assert len(wallet.writes.entries) == (status == "frozen")
