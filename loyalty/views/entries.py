"""积分明细: the movements of a member's points, newest first."""

from dataclasses import dataclass
from datetime import date, datetime

from loyalty.sentences import entry_title, entry_why
from models.ledger import Entry, Receipt


@dataclass(frozen=True)
class EntryView:
    """One movement. `delta` is what it did to the spendable balance: `balance_after` is their sum.

    `source` is the reason's code and `ref` the business fact it belongs to; `title` and `reason` are Chinese.
    """

    id: int
    delta: int
    balance_after: int
    source: str
    ref: str
    title: str
    reason: str
    expires_on: date | None
    created_at: datetime


async def entries(member_id: int, *, before: int | None = None, limit: int = 20) -> list[EntryView]:
    """At most `limit` entries, newest first, only those older than the entry id `before`."""
    found = Entry.filter(member_id=member_id)
    if before is not None:
        found = found.filter(seq__lt=before)
    rows = await found.order_by("-seq").limit(limit)
    numbers = {row.receipt_no for row in rows}
    receipts = await Receipt.filter(member_id=member_id, no__in=numbers).values_list("no", "ref")
    refs = dict(receipts)
    return [_view(row, refs[row.receipt_no]) for row in rows]


def _view(row: Entry, ref: str) -> EntryView:
    return EntryView(
        id=row.seq,
        delta=_delta(row),
        balance_after=row.available,
        source=row.reason,
        ref=ref,
        title=entry_title(row.reason, row.detail),
        reason=entry_why(row.reason, row.detail),
        expires_on=row.expires_on,
        created_at=row.posted_at,
    )


def _delta(row: Entry) -> int:
    return int(row.amount) * ((row.dst == "available") - (row.src == "available"))
