"""What a member can spend, computed from the lots and the day, so that it is right before the nightly job has booked the lapse."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from loyalty.ledger.calendar import NEVER
from models.ledger import Account
from models.ledger import Lot as LotRow

EXPIRING_WITHIN = timedelta(days=60)


class LotLeft(NamedTuple):
    """What is left of a lot."""

    expires_on: date
    opens_on: date
    terms: int
    remaining: int


@dataclass(frozen=True)
class Expiring:
    """Points that can be spent until the day before `expires_on`."""

    points: int
    expires_on: date


@dataclass(frozen=True)
class Opening:
    """Pending points that can be spent from the day `opens_on` on."""

    points: int
    opens_on: date


class Balance(NamedTuple):
    """Points `spendable` now, `pending` until they open, and the `debt` that later points repay first.

    `expiring` is what lapses within 60 days, and `opening` what is pending, soonest first.
    """

    spendable: int
    pending: int
    debt: int
    expiring: tuple[Expiring, ...]
    opening: tuple[Opening, ...] = ()


async def balance(member_id: int, today: date) -> Balance:
    """The member's points on the business day `today`; zeros for a member without an account."""
    account = await Account.get_or_none(member_id=member_id)
    rows = await LotRow.filter(member_id=member_id, remaining__gt=0)
    lots = [LotLeft(row.expires_on, row.opens_on, row.terms, row.remaining) for row in rows]
    return weigh(lots, account.debt if account else 0, today)


def weigh(lots: Iterable[LotLeft], debt: int, today: date) -> Balance:
    """The balance of these lots on a business day. Points that have opened by then, booked or not, repay the debt first."""
    pending: dict[date, int] = {}
    usable: dict[date, int] = {}
    for expires_on, opens_on, _, remaining in sorted(lots):
        if remaining <= 0 or expires_on <= today:
            continue
        if opens_on > today:
            pending[opens_on] = pending.get(opens_on, 0) + remaining
        else:
            repaid = min(debt, remaining)
            debt -= repaid
            usable[expires_on] = usable.get(expires_on, 0) + remaining - repaid
    opening = tuple(Opening(points, day) for day, points in sorted(pending.items()))
    return Balance(sum(usable.values()), sum(pending.values()), debt, _soon(usable, today), opening)


def _soon(usable: dict[date, int], today: date) -> tuple[Expiring, ...]:
    last = today + EXPIRING_WITHIN
    return tuple(
        [
            Expiring(points, expires_on)
            for expires_on, points in usable.items()
            if points and expires_on <= last and expires_on != NEVER
        ]
    )
