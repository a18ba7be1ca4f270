"""积分明细: the list of a member's entries, newest first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from loyalty.features import FEATURES
from loyalty.ledger import words
from models.ledger import Entry, Receipt

SENTENCES: Final = words.SENTENCES | {
    reason: sentence for feature in FEATURES for reason, sentence in feature.words.items()
}


def entry_title(reason: str, detail: words.Detail) -> str:
    """The entry's title in a list, a few characters; `积分变动` for a reason that this version does not know."""
    known = SENTENCES.get(reason)
    return known.title(detail) if known else "积分变动"


def entry_why(reason: str, detail: words.Detail) -> str:
    """One sentence that says why the points moved; a general one for a reason that this version does not know."""
    known = SENTENCES.get(reason)
    return known.why(detail) if known else "按当时生效的规则记账。"


@dataclass(frozen=True)
class EntryView:
    """One entry. `delta` is its change of the spendable balance; `balance_after` is the sum of all deltas so far.

    `source` is the reason's code, `ref` identifies the business fact; `title` and `reason` are Chinese. `rule_version` is the
    version of the rules by which it was written.
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
    rule_version: int


async def entries(member_id: int, *, before: int | None = None, limit: int = 20) -> list[EntryView]:
    """At most `limit` entries, newest first, only those older than the entry id `before`."""
    found = Entry.filter(member_id=member_id)
    if before is not None:
        found = found.filter(seq__lt=before)
    rows = await found.order_by("-seq").limit(limit)
    numbers = {row.receipt_no for row in rows}
    found_receipts = await Receipt.filter(member_id=member_id, no__in=numbers).only(
        "no", "ref", "rule_version"
    )
    receipts = {receipt.no: receipt for receipt in found_receipts}
    return [_view(row, receipts[row.receipt_no]) for row in rows]


def _view(row: Entry, receipt: Receipt) -> EntryView:
    return EntryView(
        id=row.seq,
        delta=_delta(row),
        balance_after=row.available,
        source=row.reason,
        ref=receipt.ref,
        title=entry_title(row.reason, row.detail),
        reason=entry_why(row.reason, row.detail),
        expires_on=row.expires_on,
        created_at=row.posted_at,
        rule_version=receipt.rule_version,
    )


def _delta(row: Entry) -> int:
    return int(row.amount) * ((row.dst == "available") - (row.src == "available"))
