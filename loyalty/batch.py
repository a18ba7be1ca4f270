"""One transaction of the engine: load what a batch of commands needs, decide each in the order of arrival, save what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from loyalty import load, store
from loyalty.calendar import business_day
from loyalty.decide import decide
from loyalty.facts import Memories
from loyalty.live import rules_between
from loyalty.load import Asked, Loaded, StoredReceipt
from loyalty.outcomes import Decision, Refusal, Result
from loyalty.queue import Job
from loyalty.receipts import outcome_of
from loyalty.refusals import AlreadyDone, RequestKeyReused, UnknownMember
from loyalty.stock import TableMoved
from loyalty.store import Decided
from loyalty.wallet import Account, Wallet

log = structlog.get_logger()

OWN_REFUSAL = frozenset({"check_in", "bind_referral", "cancel"})
"""Commands whose decide function itself tells that the fact stands, with more to say than `AlreadyDone`."""

Settled: TypeAlias = Decision | Exception | None
"""A command's answer; the error it ran into; None: it lost its race, or came too late, and is to be decided again."""


async def settle(
    connection: asyncpg.Connection, jobs: Sequence[Job], now: datetime, zone: ZoneInfo
) -> dict[int, Settled]:
    """What became of each job (one a member), by member. Raises StockShort when the batch is to be decided again as a whole."""
    asked = [_ask(job, now, zone) for job in jobs]
    rules = await rules_between(connection, min(one.at for one in asked), now, zone)
    loaded = await load.load_batch(connection, asked, rules, zone)
    decided: list[Decided] = []
    unguarded: list[Account] = []
    settled: dict[int, Settled] = {}
    for job, one in zip(jobs, asked, strict=True):
        member_id = one.command.member_id
        answer = _decide_or_fail(job, one, loaded, now, zone)
        if isinstance(answer, Decided):
            decided.append(answer)
            settled[member_id] = Decision(answer.outcome)
            job.owed = answer.wallet.writes.follow_ups if isinstance(answer.outcome, Result) else []
            continue
        settled[member_id], job.owed = answer, []
        guarded = answer is None or (isinstance(answer, Decision) and answer.replayed)
        if not guarded and member_id in loaded.accounts:
            unguarded.append(loaded.accounts[member_id])
    for member_id in await load.stale(connection, unguarded):
        settled[member_id] = None
    _log_failures(jobs, settled)
    if decided:
        won = await store.save(connection, sorted(decided, key=lambda one: one.member_id))
        settled |= {one.member_id: None for one in decided if one.member_id not in won}
    return settled


def _ask(job: Job, now: datetime, zone: ZoneInfo) -> Asked:
    at = now if job.late else min(job.command.at, now)
    day = business_day(at, zone)
    return Asked(job.command, at, day, *job.command.fact(day))


def _decide_or_fail(job: Job, one: Asked, loaded: Loaded, now: datetime, zone: ZoneInfo) -> Decided | Settled:
    try:
        answer = _decide(one, loaded, now, zone)
    except TableMoved:  # it came too late for the table of its instant, and takes effect now
        job.late = True
        return None
    except Exception as error:  # noqa: BLE001  # fails that command alone, raised to its caller
        return error
    if isinstance(answer, Decision) and job.uncertain:
        # After a lost connection the receipt found may be this very command's own: then it is no replay.
        return Decision(answer.outcome)
    return answer


def _decide(one: Asked, loaded: Loaded, now: datetime, zone: ZoneInfo) -> Decided | Decision:
    """Decided: to be stored. Decision: an answer that leaves no trace (a replay, a conflict, an unstored refusal)."""
    command = one.command
    account = loaded.accounts.get(command.member_id)
    if account is None:
        return Decision(UnknownMember(command.member_id))
    receipt = loaded.receipts.get(command.member_id)
    if receipt is not None and (receipt.same_request or command.name not in OWN_REFUSAL):
        return _replay(receipt, one)
    posted_at = max(now, account.posted_at)
    wallet = Wallet(
        account,
        loaded.lots.get(command.member_id, []),
        loaded.memories.get(command.member_id) or Memories(),
        posted_at=posted_at,
        today=business_day(posted_at, zone),
    )
    outcome = decide(wallet, command, loaded.rules.at(one.at), loaded.stock, one.at)
    if isinstance(outcome, Refusal) and not (outcome.stored or command.keep_refusal):
        return Decision(outcome)
    return Decided(one, outcome, wallet)


def _replay(receipt: StoredReceipt, one: Asked) -> Decision:
    """The same request hears its outcome again, other content a conflict, another request that the fact stands."""
    if not receipt.same_request:
        return Decision(AlreadyDone(one.scope, one.ref))
    if receipt.request_hash != one.command.fingerprint:
        return Decision(RequestKeyReused())
    return Decision(outcome_of(receipt.code, receipt.facts), replayed=True)


def _log_failures(jobs: Sequence[Job], settled: dict[int, Settled]) -> None:
    for job in jobs:
        error = settled[job.command.member_id]
        if isinstance(error, Exception):  # within its caller's context, which knows the request's id
            job.context.run(log.error, "command_failed", exc_info=error, command=job.command.name)
