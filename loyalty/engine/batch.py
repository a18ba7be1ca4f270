"""One transaction of the engine: load what a batch of commands needs, decide each in the order of arrival, store the outcomes."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from time import perf_counter
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from base.checked_clock import CheckedClock
from base.sealing import Keyring
from loyalty.engine import rechecks, store
from loyalty.engine.command import DatedCommand
from loyalty.engine.decide import Inputs, decide
from loyalty.engine.handler import no_pools
from loyalty.engine.load import Loaded, load_batch
from loyalty.engine.outcomes import Decision, Outcome, Refusal, Result
from loyalty.engine.queue import Job
from loyalty.engine.reads import Present
from loyalty.engine.receipts import Accepted, StoredReceipt, load_consequences
from loyalty.engine.refusals import AccountAhead, AlreadyDone, MemberMerged, RequestKeyReused, UnknownMember
from loyalty.engine.registry import Registry
from loyalty.engine.rules import RulesChanged, RulesSource, SharedRowsDue, VersionDue
from loyalty.engine.store import Decided
from loyalty.engine.trace import trace_of
from loyalty.ledger.account import Account
from loyalty.ledger.calendar import business_day
from loyalty.ledger.wallet import Wallet

log = structlog.get_logger()

Attempt: TypeAlias = Decision | Exception | None
"""The outcome of one attempt at a command: its decision, the error it raised, or None for one that must be decided again."""


AHEAD: Final = 2
"""An account may have been booked up to so many tolerances ahead: one process may be ahead of the database by one, and this one
behind it by one.
"""


TURN_S: Final = 0.002
"""How long a batch may decide before it lets the event loop run."""


class Context(NamedTuple):
    """Shared by all batches of an engine: the features, the rules' source, the zone of the business days, the clock, the keys."""

    registry: Registry
    rules: RulesSource
    zone: ZoneInfo
    clock: CheckedClock
    keyring: Keyring


class Times(NamedTuple):
    """The instant of a batch with its business day, and the latest instant up to which an account may have been booked by another
    process's clock.
    """

    now: datetime
    ahead_until: datetime
    today: date


async def run_batch(
    connection: asyncpg.Connection, jobs: Sequence[Job], context: Context, in_force: int
) -> dict[int, Attempt]:
    """Load, decide and store one command per member; the attempts by member. `in_force`: the version last put in force.

    Raises PoolShort: decide the whole batch again; VersionDue: put the version in force first; and ClockOff: book nothing.
    """
    zone, reading = context.zone, context.clock.read()
    now = reading.now
    commands = [_dated(job, now, zone) for job in jobs]
    oldest = min(one.at for one in commands)
    rules = await context.rules.between(connection, oldest, now)
    if (live := rules.at(now).version) != in_force and _use_pools(jobs, context.registry):
        raise VersionDue(live)
    oldest_day = business_day(oldest, zone)
    present = Present(now, zone, context.keyring)
    loaded = await load_batch(connection, commands, rules, context.registry, oldest_day, present)
    if loaded.database_now is not None:
        context.clock.compare(reading, loaded.database_now)
    times = Times(now, now + AHEAD * context.clock.tolerance, business_day(now, zone))
    attempts, decided = await _decide_all(jobs, commands, loaded, times, context)
    decided = await _without_loops(connection, decided, now)
    unguarded = _unguarded(attempts, decided, loaded)
    for member_id in await rechecks.stale(connection, unguarded):
        attempts[member_id] = None
    await _add_consequences(connection, attempts, loaded, context.registry)
    _log_failures(jobs, attempts)
    if decided:
        in_order = sorted(decided, key=lambda one: one.member_id)
        won = await store.save(connection, in_order, context.registry, loaded.pools)
        if len(won) < len(decided):
            attempts |= {one.member_id: None for one in decided if one.member_id not in won}
    return attempts


def _use_pools(jobs: Sequence[Job], registry: Registry) -> bool:
    """Whether any of the commands may take from a pool, whose size the version in force fixes."""
    return any(registry.handling[type(job.command)].handler.pools is not no_pools for job in jobs)


def _dated(job: Job, now: datetime, zone: ZoneInfo) -> DatedCommand:
    at = now if job.takes_effect_now else min(job.command.at, now)
    day = business_day(at, zone)
    return DatedCommand(job.command, at, day, *job.command.fact(day))


async def _decide_all(
    jobs: Sequence[Job], commands: Sequence[DatedCommand], loaded: Loaded, times: Times, context: Context
) -> tuple[dict[int, Attempt], list[Decided]]:
    """The attempt at each job, by member, and those decisions that must be stored.

    The event loop gets its turn every few milliseconds: the other lane may hold the rows of pools, which all processes share, and
    must not wait with its COMMIT until this whole batch is decided.
    """
    attempts: dict[int, Attempt] = {}
    decided: list[Decided] = []
    turn_ends = perf_counter() + TURN_S
    for job, one in zip(jobs, commands, strict=True):
        if perf_counter() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = perf_counter() + TURN_S
        job.effective_at = one.at
        answer = _decide_or_fail(job, one, loaded, times, context)
        if isinstance(answer, Decided):
            decided.append(answer)
            attempts[answer.member_id] = Decision(answer.outcome)
            job.follow_ups = answer.wallet.writes.follow_ups if isinstance(answer.outcome, Result) else []
        else:
            attempts[one.command.member_id], job.follow_ups = answer, []
    return attempts, decided


async def _without_loops(
    connection: asyncpg.Connection, decided: list[Decided], now: datetime
) -> list[Decided]:
    """The decisions to store: no further refusals of members who are refused in an endless loop."""
    refused = [
        one.wallet.loaded
        for one in decided
        if isinstance(one.outcome, Refusal) and one.wallet.loaded.version >= rechecks.REFUSALS_KEPT
    ]
    looping = await rechecks.looping(connection, refused, now)
    return [one for one in decided if one.member_id not in looping or isinstance(one.outcome, Result)]


def _unguarded(attempts: dict[int, Attempt], decided: Sequence[Decided], loaded: Loaded) -> list[Account]:
    """The accounts of refusals that are not stored, and of errors: no UPDATE will compare their versions."""
    if len(decided) == len(attempts):
        return []
    stored = {one.member_id for one in decided}
    return [
        loaded.accounts[member_id]
        for member_id, answer in attempts.items()
        if member_id not in stored
        and member_id in loaded.accounts
        and answer is not None
        and not (isinstance(answer, Decision) and answer.replayed)
    ]


def _decide_or_fail(
    job: Job, one: DatedCommand, loaded: Loaded, times: Times, context: Context
) -> Decided | Attempt:
    try:
        answer = _decide(one, loaded, times, context)
    except RulesChanged:  # the rows that its rules need are gone: decide it again by the rules of now
        job.takes_effect_now = True
        return None
    except SharedRowsDue:
        job.rows_due = True
        return None
    except Exception as error:  # noqa: BLE001  # it fails only this command, and is raised to its caller
        return error
    if isinstance(answer, Decision) and job.may_have_committed:
        # An earlier attempt at this job may have committed before its connection broke, so the receipt can be its own. Its
        # caller has had no answer yet, so the decision is not marked as replayed.
        return Decision(answer.outcome)
    return answer


def _decide(one: DatedCommand, loaded: Loaded, times: Times, context: Context) -> Decided | Decision:
    """Decided, which is to be stored, or a Decision that is not: a replay, a conflict, or a refusal that is not stored."""
    command = one.command
    handling = context.registry.handling[type(command)]
    account = loaded.accounts.get(command.member_id)
    if account is None:
        return Decision(UnknownMember(command.member_id))
    receipt = loaded.receipts.get(command.member_id)
    if receipt is not None and (receipt.same_request or not handling.handler.explains_repeats):
        return _replay(receipt, one, context.registry)
    if account.merged_into is not None and account.status not in handling.handler.statuses:
        return Decision(MemberMerged(account.merged_into))
    is_ahead = account.posted_at > times.ahead_until
    if is_ahead and not handling.handler.settles_clock:
        return Decision(AccountAhead())
    posted_at = times.now if is_ahead else max(times.now, account.posted_at)
    wallet = Wallet(
        account,
        loaded.lots.get(command.member_id, []),
        posted_at=posted_at,
        today=times.today if posted_at is times.now else business_day(posted_at, context.zone),
        meters=loaded.meters.get(command.member_id),
    )
    inputs = Inputs(loaded.of_member(command.member_id, handling), loaded.shared, loaded.pools)
    outcome = decide(wallet, one, handling, loaded.rules.at(one.at), inputs)
    if isinstance(outcome, Refusal) and not (outcome.stored or command.keep_refusal):
        return Decision(outcome)
    return Decided(one, outcome, wallet, trace_of(one, handling, inputs, wallet, outcome))


def _replay(receipt: StoredReceipt, one: DatedCommand, registry: Registry) -> Decision:
    """The answer when a receipt exists: its outcome for the same request, a refusal for another one.

    The same request key with other content is refused as RequestKeyReused, another request for the same fact as AlreadyDone.
    """
    if not receipt.same_request:
        return Decision(AlreadyDone(one.scope, one.ref))
    if receipt.request_hash != one.command.fingerprint:
        return Decision(RequestKeyReused())
    return Decision(registry.outcome_of(receipt.code, receipt.facts), replayed=True)


async def _add_consequences(
    connection: asyncpg.Connection, attempts: dict[int, Attempt], loaded: Loaded, registry: Registry
) -> None:
    """Add to each replay the consequences that the first answer had, read from the receipts of the follow-ups."""
    replayed = {
        member_id: Accepted(
            loaded.receipts[member_id].member_id, loaded.receipts[member_id].no, answer.outcome
        )
        for member_id, answer in attempts.items()
        if isinstance(answer, Decision) and answer.replayed and isinstance(answer.outcome, Result)
    }
    found: dict[int, list[Outcome]] = defaultdict(list)
    for one in await load_consequences(connection, registry, list(replayed.values())):
        found[one.member_id].append(one.outcome)
    for member_id, one in replayed.items():
        attempts[member_id] = Decision(one.outcome, replayed=True, consequences=tuple(found[one.member_id]))


def _log_failures(jobs: Sequence[Job], attempts: dict[int, Attempt]) -> None:
    for job in jobs:
        error = attempts[job.command.member_id]
        if isinstance(error, Exception):  # the caller's context adds the request's id to the log line
            job.context.run(log.error, "command_failed", exc_info=error, command=job.command.name)
