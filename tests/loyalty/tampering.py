"""Edits of somebody who owns the database: they change rows and rebuild everything that the old audit compared with them."""

import json
from typing import Any

import asyncpg

from loyalty.ledger import chain

ENTRIES = """
SELECT e.*, r.scope, r.ref, r.rule_version FROM entry e JOIN receipt r ON r.member_id = e.member_id AND r.no = e.receipt_no
WHERE e.member_id = $1 ORDER BY e.seq
"""
RELINK = "UPDATE entry SET chain = $3 WHERE member_id = $1 AND seq = $2"


async def relink(pool: asyncpg.Pool, member_id: int) -> None:
    """Make the member's hash chain fit the entries as they are."""
    head = chain.genesis(member_id)
    for row in await pool.fetch(ENTRIES, member_id):
        stored: dict[str, Any] = {name: row[name] for name in chain.EntryFacts._fields}
        head = chain.link(head, chain.EntryFacts(**(stored | {"detail": json.loads(row["detail"])})))
        await pool.execute(RELINK, member_id, row["seq"], head)
    await pool.execute("UPDATE account SET chain = $2 WHERE member_id = $1", member_id, head)


RAISED_LOT = """
UPDATE lot l SET granted = granted + $3, remaining = remaining + $3 FROM lot_use u
WHERE u.member_id = $1 AND u.receipt_no = $2 AND u.kind = 'granted' AND l.member_id = u.member_id
AND l.expires_on = u.expires_on AND l.opens_on = u.opens_on AND l.terms = u.terms
"""
RAISED_FACTS = """
UPDATE receipt SET facts = facts || jsonb_build_object(
    'points', (facts->>'points')::bigint + $3::bigint, 'balance', (facts->>'balance')::bigint + $3::bigint)
WHERE member_id = $1 AND no = $2
"""
OF_RECEIPT = (
    "UPDATE entry SET amount = amount + $3 WHERE member_id = $1 AND receipt_no = $2 AND reason = 'check_in'",
    "UPDATE entry SET available = available + $3 WHERE member_id = $1 AND receipt_no >= $2",
    RAISED_LOT,
    "UPDATE lot_use SET amount = amount + $3 WHERE member_id = $1 AND receipt_no = $2 AND kind = 'granted'",
    "UPDATE check_in SET points = points + $3 WHERE member_id = $1 AND receipt_no = $2",
    RAISED_FACTS,
)
RAISED_ACCOUNT = """
UPDATE account SET available = available + $2, issued = issued + $2, growth = growth + $2 WHERE member_id = $1
"""


async def raise_sign_in(pool: asyncpg.Pool, member_id: int, points: int) -> None:
    """Let the member's first sign-in have paid `points` more, in every row that tells of it, with a chain that fits."""
    no = await pool.fetchval(
        "SELECT min(no) FROM receipt WHERE member_id = $1 AND code = 'checked_in'", member_id
    )
    for statement in OF_RECEIPT:
        await pool.execute(statement, member_id, no, points)
    await pool.execute(RAISED_ACCOUNT, member_id, points)
    await relink(pool, member_id)


FORGED_VOUCHER = """
WITH v AS (
    INSERT INTO voucher_code (code, member_id, receipt_no, line) SELECT 'FRSTPRZE2345', $1, no, 9 FROM receipt
    WHERE member_id = $1 AND accepted AND command = 'draw' LIMIT 1 RETURNING receipt_no
)
INSERT INTO redemption (member_id, receipt_no, line, source, item, name, quantity, took_stock, points, voucher_code, terms,
    rule_version, created_at, expires_on)
SELECT $1, receipt_no, 9, 'draw', 'prize:lucky:grand', '一等奖', 1, false, 0, 'FRSTPRZE2345', '', 1, now(), '2030-01-01' FROM v
"""
"""A voucher for a first prize that nobody drew, in both of its tables."""
