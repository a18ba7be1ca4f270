"""Follow-ups: commands that must run because another command was accepted, each with a row written in that command's transaction.

The process that wrote the row runs it at once. After a crash the `follow_ups` job claims it by a lease and runs it.

    due ──claim──▶ leased ──▶ done         accepted, or refused because there is nothing left to do
     ▲               │        ended        refused for good: its account is closed, or the refusal's `as_follow_up` is "ended"
     └─── failed ────┘        given up     failed MOST_ATTEMPTS times: a dead letter, which the audit reports

Done, ended and given-up rows have a `done_at`; only done rows have no `last_error`. To retry a dead letter, set its `done_at` to
NULL.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from loyalty.engine.outcomes import FollowUpState, Outcome, Refusal
from loyalty.engine.refusals import AccountAhead, AccountClosed, SpendingFrozen
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import FollowUp

LEASE = timedelta(seconds=60)
"""For how long only the process that wrote or claimed a row runs it."""
PAUSES = tuple(LEASE * 2**doublings for doublings in range(7))
"""The pauses after the first attempt, the second and so on; after each later attempt the last pause, 64 minutes."""
MOST_ATTEMPTS = 12
"""After so many failed attempts of the job, about eight hours, a follow-up is given up."""

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
LEFT_BY = """
SELECT member_id, request_key, command, payload::text AS payload, effective_at FROM follow_up
WHERE member_id = $1 AND request_key LIKE $2 AND done_at IS NULL ORDER BY effective_at, request_key DESC
"""


async def claim(pool: asyncpg.Pool, now: datetime, limit: int) -> list[tuple[FollowUp, datetime]]:
    """At most `limit` rows that are due, leased to the caller, each with the instant at which its command takes effect."""
    return _stored(await pool.fetch(CLAIM, now, now + LEASE, limit))


async def left_by(pool: asyncpg.Pool, causer_id: int, member_id: int) -> list[tuple[FollowUp, datetime]]:
    """The open follow-ups of a member that a receipt of another left, whoever has leased them: running one twice is safe."""
    return _stored(await pool.fetch(LEFT_BY, member_id, left_key("%", causer_id, "%")))


def follow_up_key(command: str, receipt_no: int) -> str:
    """The request key of a follow-up of the same member, caused by the command of receipt `receipt_no`."""
    return f"engine:{command}:{receipt_no}"


def left_key(command: str, causer_id: int, receipt_no: int | str) -> str:
    """The request key of a follow-up that a receipt of the member `causer_id` left to another member."""
    return f"engine:{command}:{causer_id}:{receipt_no}"


def newcomers_key(command: str) -> str:
    """The request key of a follow-up that every new member gets."""
    return f"engine:{command}"


def own_follow_up(wallet: Wallet, command: str, **fields: Any) -> FollowUp:
    """A follow-up of the member whose command is being decided; `fields` are the fields of its own command."""
    return FollowUp(wallet.member_id, follow_up_key(command, wallet.receipt_no), command, fields)


def state_after(outcome: Outcome) -> FollowUpState:
    """The state of a follow-up after its command came to `outcome`."""
    match outcome:
        case AccountClosed(status="closed"):
            return "ended"
        case Refusal():
            return outcome.as_follow_up
    return "done"


async def record(pool: asyncpg.Pool, follow_up: FollowUp, outcome: Outcome, now: datetime) -> None:
    """Write into the row what its command came to.

    Attempts while the account is frozen or limited, or stands in the future, do not count towards MOST_ATTEMPTS.
    """
    match state_after(outcome):
        case "done":
            await pool.execute(DONE, follow_up.member_id, follow_up.request_key, now)
        case "ended":
            await pool.execute(ENDED, follow_up.member_id, follow_up.request_key, now, outcome.code)
        case "due":
            counts = not isinstance(outcome, AccountClosed | SpendingFrozen | AccountAhead)
            await fail(pool, follow_up, outcome.code, now, counts=counts)


async def fail(
    pool: asyncpg.Pool, follow_up: FollowUp, reason: str, now: datetime, *, counts: bool = True
) -> None:
    """Write into the row why it failed: it is due again after a pause, or given up if this was the last attempt.

    A failure for which `counts` is false never gives it up.
    """
    again_at = [now + pause for pause in PAUSES]
    await pool.execute(
        FAILED, follow_up.member_id, follow_up.request_key, now, reason, again_at, counts, MOST_ATTEMPTS
    )


def _stored(rows: Iterable[asyncpg.Record]) -> list[tuple[FollowUp, datetime]]:
    return [
        (
            FollowUp(row["member_id"], row["request_key"], row["command"], json.loads(row["payload"])),
            row["effective_at"],
        )
        for row in rows
    ]
