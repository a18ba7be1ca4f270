"""What must hold of the operation log: each receipt of an operator has its row, which says the same, and no other row names one.

The two are compared in memory, because who gave a command stands in the receipt's trace, which is text to the database.
"""

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import orjson

from loyalty.engine.auditing import Finding, RecomputeRequest

INVARIANT: Final = "K12"
ACTIONS: Final[Mapping[str, str]] = {
    "adjust_points": "adjust",
    "freeze_account": "freeze",
    "thaw_account": "release",
    "answer_appeal": "answer_appeal",
    "decide_case": "decide_case",
    "erase_member": "erase_member",
    "settle_clock": "settle_clock",
    "merge_out": "merge",
    "split_out": "unmerge",
    "use_voucher": "verify_voucher",
}
"""The commands of operators, and the action that the log has for each."""

SELECT_RECEIPTS: Final = """
SELECT member_id, no, command, posted_at, trace, facts::text AS facts FROM receipt
WHERE member_id > $1 AND member_id <= $2 AND command = ANY($3::text[]) AND accepted AND trace LIKE '%"origin"%'
"""
SELECT_ROWS: Final = """
SELECT member_id, receipt_no, id, at, operator, role, origin, action, subject, after::text AS after, reason FROM operation
WHERE member_id > $1 AND member_id <= $2 AND (receipt_no IS NOT NULL OR id LIKE 'receipt:%')
"""


async def recompute(request: RecomputeRequest) -> tuple[int, list[Finding]]:
    """Compare the receipts of operators with the rows of the log."""
    span = request.after, request.until
    receipts = await request.connection.fetch(SELECT_RECEIPTS, *span, list(ACTIONS))
    rows = await request.connection.fetch(SELECT_ROWS, *span)
    logged = {(row["member_id"], row["receipt_no"]): row for row in rows}
    given = {(one["member_id"], one["no"]): one for one in receipts}
    findings = [
        Finding(INVARIANT, member_id, f"receipt {no} has no such row in the operation log")
        for (member_id, no), one in given.items()
        if (member_id, no) not in logged or not says_the_same(one, logged[member_id, no])
    ]
    findings += [
        Finding(INVARIANT, row["member_id"], f"operation {row['id']} names a receipt that is no operator's")
        for row in rows
        if (row["member_id"], row["receipt_no"]) not in given
    ]
    return len(rows), findings


def says_the_same(receipt: asyncpg.Record, row: asyncpg.Record) -> bool:
    """Whether a row of the log is what its receipt had written."""
    try:
        asked, facts = orjson.loads(receipt["trace"])["asked"], orjson.loads(receipt["facts"])
    except (ValueError, KeyError, TypeError):
        return False
    after: dict[str, Any] = orjson.loads(row["after"])
    said = {name: asked.get(name) or "" for name in ("by", "role", "origin", "reason")}
    written = {"by": row["operator"], **{name: row[name] for name in ("role", "origin", "reason")}}
    return (
        said == written
        and row["id"] == f"receipt:{receipt['no']}"
        and row["at"] == receipt["posted_at"]
        and row["action"] == ACTIONS[receipt["command"]]
        and row["subject"] == (asked.get("approved_by") or "")
        and {name: facts.get(name) for name in after} == after
    )
