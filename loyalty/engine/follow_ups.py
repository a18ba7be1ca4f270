"""Follow-up rows: what a command owes to a member, run by the process that wrote it and, after a crash, by the jobs.

    due ──claim──▶ leased ──▶ done         paid, or nothing owed any more
     ▲               │        ended        never to be paid, rightly: its account is closed, or its refusal says `never`
     └── not yet ────┘        given up     failed `MOST_ATTEMPTS` times: a dead letter, named by the audit

All three have `done_at`; only what is done has no `last_error`. To try a dead letter again, set its `done_at` to NULL.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from loyalty.engine.outcomes import Outcome, Owed, Refusal
from loyalty.engine.refusals import AccountClosed
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import FollowUp

LEASE = timedelta(seconds=60)
"""How long a row is left to the process that wrote or claimed it."""
PAUSES = tuple(LEASE * 2**doublings for doublings in range(7))
"""Between attempts: after the first, the second and so on, and after each later one the last, 64 minutes."""
MOST_ATTEMPTS = 12
"""By the jobs, which takes about eight hours."""

CLAIM = """
UPDATE follow_up f SET due_at = $2, attempts = attempts + 1
WHERE f.done_at IS NULL AND f.due_at <= $1 AND (f.member_id, f.request_key) IN (
    SELECT member_id, request_key FROM follow_up WHERE done_at IS NULL AND due_at <= $1
    ORDER BY due_at, member_id, request_key LIMIT $3
)
RETURNING f.member_id, f.request_key, f.command, f.payload::text AS payload, f.effective_at
"""
DONE = "UPDATE follow_up SET done_at = $3, last_error = NULL WHERE member_id = $1 AND request_key = $2"
ENDED = "UPDATE follow_up SET done_at = $3, last_error = $4 WHERE member_id = $1 AND request_key = $2"
FAILED = """
UPDATE follow_up SET last_error = $4,
    due_at = greatest(due_at, ($5::timestamptz[])[least(greatest(attempts, 1), cardinality($5::timestamptz[]))]),
    done_at = CASE WHEN $6::boolean AND attempts >= $7::int THEN $3::timestamptz END
WHERE member_id = $1 AND request_key = $2
"""
HEIR = """
SELECT merge_with FROM member m WHERE member_id = $1
AND NOT EXISTS (SELECT FROM account a WHERE a.member_id = m.member_id)
"""


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


def key_of(command: str, receipt_no: int) -> str:
    """The request key of a command owed to the member whose receipt `receipt_no` caused it."""
    return f"engine:{command}:{receipt_no}"


def newcomers_key(command: str) -> str:
    """The request key of a command that is owed to every newcomer."""
    return f"engine:{command}"


def owed_to_oneself(wallet: Wallet, command: str, **fields: Any) -> FollowUp:
    """A command that the one just decided owes to the same member."""
    return FollowUp(wallet.member_id, key_of(command, wallet.receipt_no), command, fields)


def what_remains(outcome: Outcome) -> Owed:
    """Whether a command that came to `outcome` is still owed, done, or never to be done."""
    match outcome:
        case AccountClosed(status="closed"):
            return "never"
        case Refusal():
            return outcome.when_owed
    return "done"


async def settle(pool: asyncpg.Pool, owed: FollowUp, outcome: Outcome, now: datetime) -> None:
    """Mark the row done or ended, or say what stood in its way. One that waits for a frozen account is never given up."""
    match what_remains(outcome):
        case "done":
            await pool.execute(DONE, owed.member_id, owed.request_key, now)
        case "never":
            await pool.execute(ENDED, owed.member_id, owed.request_key, now, outcome.code)
        case "still":
            counts = not isinstance(outcome, AccountClosed)
            await fail(pool, owed, outcome.code, now, counts=counts)


async def fail(
    pool: asyncpg.Pool, owed: FollowUp, reason: str, now: datetime, *, counts: bool = True
) -> None:
    """Say in the row why it was not done. It is due again after a pause, or given up after too many that count."""
    again_at = [now + pause for pause in PAUSES]
    await pool.execute(FAILED, owed.member_id, owed.request_key, now, reason, again_at, counts, MOST_ATTEMPTS)


async def heir_of(pool: asyncpg.Pool, member_id: int) -> int | None:
    """Who goes on for a member whose account was merged away; None for anybody else."""
    heir: int | None = await pool.fetchval(HEIR, member_id)
    return heir
