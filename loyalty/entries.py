"""积分明细: the list of a member's entries, newest first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from loyalty.features import FEATURES
from loyalty.ledger import words
from loyalty.ledger.moved import Movement, Share, moved_text
from models.ledger import Entry, LotUse, Receipt

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


def explanation(reason: str, detail: words.Detail, moved: Movement) -> str:
    """One sentence from the entry's own facts: why the points moved, how many, from which lots, and how long they last."""
    return f"{entry_why(reason, detail).removesuffix('。')}；{moved_text(moved)}。"


Direction = Literal["in", "out"]
"""Whether points came into the spendable balance or left it."""
SPENDABLE: Final = "available"


@dataclass(frozen=True)
class EntryView:
    """One entry. `delta` is its change of the spendable balance; `balance_after` is the sum of all deltas so far.

    `source` is the reason's code, `ref` identifies the business fact; `title` and `reason` are Chinese, and `reason` explains why.
    `rule_version` is the version of the rules by which it was written.
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


async def entries(
    member_id: int, *, before: int | None = None, limit: int = 20, direction: Direction | None = None
) -> list[EntryView]:
    """At most `limit` entries, newest first: those older than the entry id `before`, and of one direction, where it is given."""
    found = Entry.filter(member_id=member_id)
    if direction is not None:
        found = found.filter(dst=SPENDABLE) if direction == "in" else found.filter(src=SPENDABLE)
    if before is not None:
        found = found.filter(seq__lt=before)
    rows = await found.order_by("-seq").limit(limit)
    numbers = {row.receipt_no for row in rows}
    found_receipts = await Receipt.filter(member_id=member_id, no__in=numbers).only(
        "no", "ref", "rule_version"
    )
    receipts = {receipt.no: receipt for receipt in found_receipts}
    taken = await _taken(member_id, numbers)
    return [_view(row, receipts[row.receipt_no], taken[row.receipt_no]) for row in rows]


async def explained(member_id: int, place: int) -> EntryView | None:
    """The `place`-th latest entry, from 1; None if there are fewer."""
    row = await Entry.filter(member_id=member_id).order_by("-seq").offset(place - 1).first()
    if row is None:
        return None
    receipt = await Receipt.get(member_id=member_id, no=row.receipt_no)
    taken = await _taken(member_id, [row.receipt_no])
    return _view(row, receipt, taken[row.receipt_no])


TAKEN_BY: Final = {"spent": "spent", "held": "held", "adjusted": "reversed"}
"""The kind of lot uses by which points leave for a bucket."""
Taken = Mapping[str, Sequence[Share]]
"""What one receipt took from the lots, by the kind of lot use, in the order of spending."""


def movement(src: str, dst: str, points: int, expires_on: date | None, taken: Taken) -> Movement:
    """The movement of an entry whose receipt took `taken`.

    It names no lots if the receipt took from lots more than once, because the receipt's uses are summed up.
    """
    shares = taken.get(TAKEN_BY.get(dst, ""), ()) if src == "available" else ()
    whole = sum(one.points for one in shares) == points
    return Movement(src, dst, points, expires_on, shares if whole else ())


async def _taken(member_id: int, receipts: Collection[int]) -> Mapping[int, Taken]:
    found: dict[int, dict[str, list[Share]]] = {no: defaultdict(list) for no in receipts}
    uses = LotUse.filter(member_id=member_id, receipt_no__in=receipts, kind__in=list(TAKEN_BY.values()))
    for use in await uses.order_by("expires_on", "opens_on", "terms"):
        found[use.receipt_no][use.kind].append(Share(use.expires_on, use.amount))
    return found


def _view(row: Entry, receipt: Receipt, taken: Taken) -> EntryView:
    moved = movement(row.src, row.dst, row.amount, row.expires_on, taken)
    return EntryView(
        id=row.seq,
        delta=_delta(row),
        balance_after=row.available,
        source=row.reason,
        ref=receipt.ref,
        title=entry_title(row.reason, row.detail),
        reason=explanation(row.reason, row.detail, moved),
        expires_on=row.expires_on,
        created_at=row.posted_at,
        rule_version=receipt.rule_version,
    )


def _delta(row: Entry) -> int:
    return int(row.amount) * ((row.dst == "available") - (row.src == "available"))
