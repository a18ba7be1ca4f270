"""The feed of changes: what accepted commands did to members, in one order for all readers, as webhooks and pollers get it.

The feed is read from the receipts, so nothing is written for it. A receipt is posted before its transaction commits, so what was
posted in the last SETTLED_AFTER may not be visible yet; the feed ends before it, and whoever has read up to a position misses
nothing.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import asyncpg

from loyalty.engine.transactions import TRANSACTION_TIMEOUT_S
from loyalty.entries import entry_title

SETTLED_AFTER: Final = timedelta(seconds=TRANSACTION_TIMEOUT_S + 5)
"""No transaction lasts longer, so what was posted so long ago is committed or never will be."""
FIRST_SPAN: Final = timedelta(hours=1)

TYPES: Final[Mapping[str, str]] = {
    "welcome": "member.welcomed",
    "check_in": "check_in.created",
    "repair_check_in": "check_in.repaired",
    "record_event": "event.recorded",
    "record_refund": "order.refunded",
    "redeem": "redemption.created",
    "cancel": "redemption.cancelled",
    "use_voucher": "voucher.used",
    "draw": "draw.created",
    "expire": "points.booked",
    "merge_in": "member.merged",
}
"""The type of a change by the name of its command; all others that move points are OTHER."""
OTHER: Final = "points.changed"

SELECT: Final = """
SELECT r.member_id, r.no, r.command, r.scope, r.ref, r.effective_at, r.posted_at, r.facts->>'store' AS store,
    r.facts->>'order' AS order_no
FROM receipt r
WHERE r.posted_at >= $1 AND r.posted_at < $2 AND r.accepted AND (r.posted_at, r.member_id, r.no) > ($1, $3, $4)
    AND ($5::text IS NULL OR r.facts->>'store' = $5)
    AND (r.command = ANY($6::text[]) OR EXISTS (
        SELECT FROM entry e WHERE e.member_id = r.member_id AND e.receipt_no = r.no
    ))
ORDER BY r.posted_at, r.member_id, r.no LIMIT $7
"""
SELECT_ENTRIES: Final = """
SELECT e.member_id, e.receipt_no, e.reason, e.detail::text AS detail, e.src, e.dst, e.amount, e.available
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
JOIN entry e ON e.member_id = a.member_id AND e.receipt_no = a.receipt_no
ORDER BY e.member_id, e.seq
"""


class Position(NamedTuple):
    """A place in the feed: behind the change of this posted time, member and receipt."""

    posted_at: datetime
    member_id: int
    no: int


BEGINNING: Final = Position(datetime(2000, 1, 1, tzinfo=UTC), 0, 0)


class Movement(NamedTuple):
    """One entry of a change: its reason's code and Chinese title, the change of the spendable balance, and the balance after it."""

    reason: str
    title: str
    delta: int
    balance: int


@dataclass(frozen=True)
class Change:
    """One change; `id` is stable, so that whoever gets it twice can tell. `store` and `order` are None where there are none."""

    position: Position
    type: str
    occurred_at: datetime
    ref: str
    store: str | None
    order: str | None
    movements: tuple[Movement, ...]

    @property
    def id(self) -> str:
        """The id, unique for ever."""
        return f"chg_{self.position.member_id}_{self.position.no}"


async def changes(
    pool: asyncpg.Pool, after: Position, now: datetime, *, limit: int, store: str | None = None
) -> list[Change]:
    """At most `limit` changes after a position, in order; with a `store` only those of this store.

    Raises what asyncpg raises when the database is away.
    """
    end, span = now - SETTLED_AFTER, FIRST_SPAN
    begin = after
    while begin.posted_at < end:
        until = min(begin.posted_at + span, end)
        rows = await pool.fetch(
            SELECT, begin.posted_at, until, begin.member_id, begin.no, store, list(TYPES), limit
        )
        if rows:
            return await _changes(pool, rows)
        begin, span = Position(until, -1, -1), 2 * span  # nobody was here: look further, in ever longer steps
    return []


async def _changes(pool: asyncpg.Pool, rows: Sequence[asyncpg.Record]) -> list[Change]:
    movements: dict[tuple[int, int], list[Movement]] = defaultdict(list)
    columns = [row["member_id"] for row in rows], [row["no"] for row in rows]
    for row in await pool.fetch(SELECT_ENTRIES, *columns):
        movements[row["member_id"], row["receipt_no"]].append(_movement(row))
    return [_change(row, movements[row["member_id"], row["no"]]) for row in rows]


def _change(row: asyncpg.Record, movements: Collection[Movement]) -> Change:
    return Change(
        Position(row["posted_at"], row["member_id"], row["no"]),
        TYPES.get(row["command"], OTHER),
        row["effective_at"],
        f"{row['scope']}|{row['ref']}",
        row["store"],
        row["order_no"],
        tuple(movements),
    )


def _movement(row: asyncpg.Record) -> Movement:
    delta = row["amount"] * ((row["dst"] == "available") - (row["src"] == "available"))
    return Movement(
        row["reason"], entry_title(row["reason"], json.loads(row["detail"])), delta, row["available"]
    )


def change_json(change: Change) -> dict[str, Any]:
    """The change as a JSON value, which is also the content of a webhook."""
    return {
        "id": change.id,
        "type": change.type,
        "timestamp": change.position.posted_at.isoformat(),
        "data": {
            "member_id": change.position.member_id,
            "occurred_at": change.occurred_at.isoformat(),
            "ref": change.ref,
            "store_id": change.store,
            "order_id": change.order,
            "movements": [one._asdict() for one in change.movements],
        },
    }
