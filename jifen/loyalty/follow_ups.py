"""Follow-up rows: what a command owes to a member, run by the process that wrote it and, after a crash, by the jobs."""

import json
from datetime import datetime, timedelta

import asyncpg

from jifen.loyalty.outcomes import AlreadyDone, NothingDue, NotReferred, Outcome, Result
from jifen.loyalty.wallet import FollowUp

LEASE = timedelta(seconds=60)
"""How long a row is left to the process that wrote or claimed it."""

CLAIM = """
UPDATE follow_up f SET due_at = $2, attempts = attempts + 1
WHERE f.done_at IS NULL AND f.due_at <= $1 AND (f.member_id, f.request_key) IN (
    SELECT member_id, request_key FROM follow_up WHERE done_at IS NULL AND due_at <= $1
    ORDER BY due_at, member_id, request_key LIMIT $3
)
RETURNING f.member_id, f.request_key, f.command, f.payload::text AS payload, f.effective_at
"""
DONE = "UPDATE follow_up SET done_at = $3, last_error = NULL WHERE member_id = $1 AND request_key = $2"
FAILED = "UPDATE follow_up SET last_error = $3 WHERE member_id = $1 AND request_key = $2"


async def claim(pool: asyncpg.Pool, now: datetime, limit: int) -> list[tuple[FollowUp, datetime]]:
    """Rows that are due, leased to the caller, each with the instant it speaks of."""
    rows = await pool.fetch(CLAIM, now, now + LEASE, limit)
    return [
        (
            FollowUp(row["member_id"], row["request_key"], row["command"], json.loads(row["payload"])),
            row["effective_at"],
        )
        for row in rows
    ]


def is_settled(outcome: Outcome) -> bool:
    """Whether nothing is owed any more; another refusal (a closed account, say) leaves the row due again."""
    return isinstance(outcome, Result | AlreadyDone | NothingDue | NotReferred)


async def settle(pool: asyncpg.Pool, owed: FollowUp, outcome: Outcome, now: datetime) -> None:
    """Mark the row done, or say what stood in its way."""
    if is_settled(outcome):
        await pool.execute(DONE, owed.member_id, owed.request_key, now)
    else:
        await fail(pool, owed, outcome.code)


async def fail(pool: asyncpg.Pool, owed: FollowUp, reason: str) -> None:
    """Say in the row why it was not done; it is due again when its lease is over."""
    await pool.execute(FAILED, owed.member_id, owed.request_key, reason)
