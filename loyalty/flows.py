"""Points issued, used, expired and written off in a span of days, by store: sums of the entries, each kind of movement apart (L08).

The statements read all entries of the span: they are for reports and the night, not for pages.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.ledger.calendar import day_start
from loyalty.merging.words import SENTENCES as OF_MERGING
from loyalty.vouchers.carry import SENTENCES as OF_CARRYING

SELECT_ENTRIES: Final = """
SELECT coalesce(detail->>'store', '') AS store, src, dst, sum(amount)::bigint AS points FROM entry
WHERE posted_at >= $1 AND posted_at < $2 AND reason <> ALL($3::text[]) GROUP BY coalesce(detail->>'store', ''), src, dst
"""
SELECT_WRITTEN_OFF: Final = """
SELECT coalesce(store, '') AS store, count(*) AS vouchers, sum(points)::bigint AS points FROM redemption
WHERE state = 'used' AND closed_at >= $1 AND closed_at < $2 GROUP BY coalesce(store, '')
"""
BETWEEN_HALVES: Final = sorted({*OF_MERGING, *OF_CARRYING})
"""Reasons of entries by which points move between the two members who are one person: nobody got or used any."""
ONE_DAY: Final = timedelta(days=1)


@dataclass
class Flows:
    """Points of one store, or of all; what belongs to no store is under the empty one.

    `issued` and `used` count what members got and paid, `returned` what they got back of the latter; `captured` is what was used by
    way of a hold. `written_off` are the points that had paid for the `vouchers` which were used in the span.
    """

    issued: int = 0
    used: int = 0
    returned: int = 0
    captured: int = 0
    expired: int = 0
    revived: int = 0
    reversed: int = 0
    forfeited: int = 0
    given_by_hand: int = 0
    taken_by_hand: int = 0
    held: int = 0
    released: int = 0
    vouchers: int = 0
    written_off: int = 0

    @property
    def ratio(self) -> float | None:
        """Points issued per point used in the end; None if none was used."""
        used = self.used + self.captured - self.returned
        return self.issued / used if used > 0 else None


def flow_of(src: str, dst: str) -> str | None:
    """The flow to which a movement belongs; None for one within what a member holds or owes."""
    if src == "issued":
        return "issued"
    match src, dst:
        case "held", "spent":
            return "captured"
        case "held", _:
            return "released"
        case _, "held":
            return "held"
        case "adjusted", _:
            return "given_by_hand"
        case _, "adjusted":
            return "taken_by_hand"
        case "spent", _:
            return "returned"
        case "expired", "available":
            return "revived"
    return {
        "spent": "used", "expired": "expired", "reversed": "reversed", "forfeited": "forfeited",
    }.get(dst)  # fmt: skip


async def flows(database: asyncpg.Pool, first: date, last: date, zone: ZoneInfo) -> dict[str, Flows]:
    """The flows of the days from `first` to `last`, both inclusive, by store id."""
    span = day_start(first, zone), day_start(last + ONE_DAY, zone)
    found: dict[str, Flows] = defaultdict(Flows)
    for store, src, dst, points in await database.fetch(SELECT_ENTRIES, *span, BETWEEN_HALVES):
        if column := flow_of(src, dst):
            setattr(found[store], column, getattr(found[store], column) + points)
    for store, vouchers, points in await database.fetch(SELECT_WRITTEN_OFF, *span):
        found[store].vouchers, found[store].written_off = vouchers, points
    return dict(found)


def total(parts: Iterable[Flows]) -> Flows:
    """The flows of all stores together."""
    sums, names = Flows(), [column.name for column in fields(Flows)]
    for part in parts:
        for name in names:
            setattr(sums, name, getattr(sums, name) + getattr(part, name))
    return sums
