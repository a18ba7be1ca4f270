"""Reading receipts with what they wrote, in the order of the feed of changes."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from loyalty.changes import Position
from loyalty.games.rule import prize_pool
from loyalty.numbers.facts import Bought, Deed, Move, Movement, Rolled, awarded

SELECT_PAGE: Final = """
SELECT r.posted_at, r.member_id, r.no FROM receipt r
WHERE r.posted_at >= $1 AND r.posted_at < $2 AND r.accepted AND (r.posted_at, r.member_id, r.no) > ($1, $3, $4)
ORDER BY r.posted_at, r.member_id, r.no LIMIT $5
"""
SELECT_DEEDS: Final = """
SELECT r.member_id, r.no, r.command, r.actor, r.request_key, r.rule_version, r.effective_at, r.posted_at,
    r.facts->>'store' AS store, p.amount_fen AS sold_fen, o.amount_fen AS refunded_fen, e.channel,
    v.item, v.quantity, v.points AS paid, v.rule_version AS priced_by,
    CASE WHEN r.command IN ('merge_in', 'split_in') THEN (r.facts->>'other_id')::bigint END AS other_id, (
        SELECT t.tier FROM tier_span t WHERE t.member_id = r.member_id AND t.receipt_no < r.no ORDER BY t.receipt_no DESC LIMIT 1
    ) AS tier
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, no)
JOIN receipt r ON r.member_id = a.member_id AND r.no = a.no
LEFT JOIN purchase p ON r.command = 'record_event' AND p.member_id = r.member_id AND p.receipt_no = r.no
    AND p.store = coalesce(r.facts->>'store', '') AND p.order_no = r.facts->>'order'
LEFT JOIN event e ON e.member_id = p.member_id AND e.source = p.source AND e.event = p.event
LEFT JOIN order_refund o ON r.command = 'record_refund' AND o.member_id = r.member_id AND o.receipt_no = r.no
LEFT JOIN redemption v ON r.command IN ('redeem', 'cancel', 'use_voucher') AND v.member_id = r.member_id
    AND (v.receipt_no, v.line) = (
        CASE WHEN r.command IN ('redeem', 'cancel', 'use_voucher') THEN (r.facts->>'receipt_no')::bigint END,
        CASE WHEN r.command IN ('redeem', 'cancel', 'use_voucher') THEN (r.facts->>'line')::int END
    )
ORDER BY r.posted_at, r.member_id, r.no
"""
SELECT_MOVEMENTS: Final = """
SELECT e.member_id, e.receipt_no, e.reason, e.detail::text AS detail, e.src, e.dst, e.amount, e.expires_on
FROM entry e WHERE e.posted_at >= $1 AND e.posted_at <= $2 ORDER BY e.member_id, e.seq
"""
"""The entries of a stretch of time: those of a receipt have its posted time. By member they were looked for among all of theirs."""
SELECT_AWARDS: Final = """
SELECT w.member_id, w.receipt_no, w.rule, w.points FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
JOIN award w ON w.member_id = a.member_id AND w.receipt_no = a.receipt_no
ORDER BY w.member_id, w.receipt_no, w.rule
"""
SELECT_ROLLS: Final = """
SELECT r.member_id, r.no, d.wheel, d.candidate, count(*) AS times
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, no)
JOIN receipt r ON r.member_id = a.member_id AND r.no = a.no
CROSS JOIN LATERAL (
    SELECT u.round_id, u.nonce FROM jsonb_to_recordset(r.facts->'draws') AS u(round_id int, nonce bigint)
) s
JOIN draw d ON d.member_id = r.member_id AND d.round_id = s.round_id AND d.nonce = s.nonce
GROUP BY r.member_id, r.no, d.wheel, d.candidate ORDER BY r.member_id, r.no, d.wheel, d.candidate
"""
Receipts = Mapping[tuple[int, int], Sequence[Movement]]


async def read_page(
    connection: asyncpg.Connection, after: Position, until: datetime, limit: int
) -> list[Position]:
    """At most `limit` accepted receipts after a position and posted before `until`, in order."""
    rows = await connection.fetch(SELECT_PAGE, after.posted_at, until, after.member_id, after.no, limit)
    return [Position(*row) for row in rows]


async def read_deeds(connection: asyncpg.Connection, page: Sequence[Position]) -> list[Deed]:
    """The receipts of a page with what they wrote, in order."""
    if not page:
        return []
    whose = [one.member_id for one in page], [one.no for one in page]
    rows = await connection.fetch(SELECT_DEEDS, *whose)
    movements = await _movements(connection, rows)
    rolls = await _rolls(connection, [row for row in rows if row["command"] == "draw"])
    return [
        _deed(row, movements.get((row["member_id"], row["no"]), ()), rolls[row["member_id"], row["no"]])
        for row in rows
    ]


async def _rolls(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]
) -> Mapping[tuple[int, int], list[Rolled]]:
    found: dict[tuple[int, int], list[Rolled]] = defaultdict(list)
    if rows:
        whose = [row["member_id"] for row in rows], [row["no"] for row in rows]
        for member_id, no, wheel, prize, times in await connection.fetch(SELECT_ROLLS, *whose):
            found[member_id, no].append(Rolled(prize_pool(wheel, prize), times))
    return found


async def _movements(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> Receipts:
    whose = [row["member_id"] for row in rows], [row["no"] for row in rows]
    awards: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for member_id, no, rule, points in await connection.fetch(SELECT_AWARDS, *whose):
        awards[member_id, no][rule] = points
    found: dict[tuple[int, int], list[Movement]] = {one: [] for one in zip(*whose, strict=True)}
    span = rows[0]["posted_at"], rows[-1]["posted_at"]
    for member_id, no, reason, detail, *moved in await connection.fetch(SELECT_MOVEMENTS, *span):
        if (member_id, no) in found:
            found[member_id, no].append(Movement(reason, json.loads(detail), *moved))
    return {receipt: awarded(moved, awards[receipt]) for receipt, moved in found.items() if moved}


def _deed(row: asyncpg.Record, movements: Sequence[Movement], rolls: Sequence[Rolled]) -> Deed:
    bought = Bought(row["item"], row["quantity"], row["paid"], row["priced_by"]) if row["item"] else None
    channels = [one.detail["channel"] for one in movements if one.detail.get("channel")]
    return Deed(
        position=Position(row["posted_at"], row["member_id"], row["no"]),
        command=row["command"],
        actor=row["actor"],
        request_key=row["request_key"],
        version=row["rule_version"],
        at=row["effective_at"],
        store=row["store"] or "",
        channel=row["channel"] or (channels[0] if channels else ""),
        tier=row["tier"] or "",
        movements=movements,
        bought=bought,
        rolls=rolls,
        sold_fen=row["sold_fen"],
        refunded_fen=row["refunded_fen"],
        move=_move(row),
    )


def _move(row: asyncpg.Record) -> Move | None:
    member_id, other_id = row["member_id"], row["other_id"]
    if other_id is None:
        return None
    is_merge = row["command"] == "merge_in"
    return Move(other_id, other_id, member_id) if is_merge else Move(member_id, other_id, member_id)
