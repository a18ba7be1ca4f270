"""`jifen audit`: it checks every invariant on one snapshot of the live database, and names each violation."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import ValidationError

from base.sealing import Keyring
from loyalty.engine.auditing import NOW, Finding, RecomputeRequest
from loyalty.engine.checks import checks_of
from loyalty.engine.feature import Feature
from loyalty.engine.redecide.replay import replay_member
from loyalty.engine.redecide.step import World
from loyalty.engine.redecide.stored import read_members
from loyalty.engine.registry import Registry
from loyalty.engine.transactions import snapshot
from loyalty.features import FEATURES
from loyalty.ledger import chain
from loyalty.ledger.account import STORED_AS_OUTFLOW
from loyalty.ledger.calendar import business_day
from loyalty.ledger.growth import GROWTH
from loyalty.programme.faults import STORED
from loyalty.programme.live import LiveRules
from loyalty.programme.rules import RuleSet, digest_of
from loyalty.programme.timeline import Timeline, pool_problems, pool_sizes, read_timeline
from loyalty.schema import GRANTS, SCHEMA
from loyalty.scope import Scope, Span, members_of, span_of, statement_of
from loyalty.settling import SettleClock
from models.guards import guard_problems
from models.schema import schema_problems

PAGE_RECEIPTS: Final = 5000
"""Members are read in pages of about so many receipts, which bounds the memory."""
EVER: Final = datetime(1, 1, 1, tzinfo=UTC)
BUCKETS = ("available", "pending", "held", "debt")
NIGHT: Final = timedelta(hours=27)
"""Since when an audit that begins between three and six o'clock checks the rows of yesterday."""
EVERYTHING: Final = Scope()
DEFAULT_ZONE: Final = ZoneInfo("Asia/Shanghai")
Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """The numbers of rows that an audit checked, and the violations that it found.

    `receipts` were decided again. `untraced` ones cannot be, because the program that wrote them kept too little; the latest of
    them is of `untraced_until`.
    """

    accounts: int = 0
    entries: int = 0
    receipts: int = 0
    untraced: int = 0
    untraced_until: datetime | None = None
    recomputed: dict[str, int] = field(default_factory=dict)
    violations: list[Finding] = field(default_factory=list)

    def with_other(self, other: "Report") -> "Report":
        """The numbers of both, and each violation once."""
        untraced_until = max(filter(None, (self.untraced_until, other.untraced_until)), default=None)
        return Report(
            self.accounts + other.accounts, self.entries + other.entries, self.receipts + other.receipts,
            self.untraced + other.untraced, untraced_until, self.recomputed | other.recomputed,
            list(dict.fromkeys([*self.violations, *other.violations])),
        )  # fmt: skip


async def nightly(
    pool: asyncpg.Pool, now: datetime, keyring: Keyring, *, zone: ZoneInfo, receipts_per_night: int
) -> Report:
    """The audit of one night: everything, or if there are more receipts, those of yesterday and one part of the members.

    Each night has another part, so that all members are audited in turn.
    """
    receipts: int = await pool.fetchval("SELECT coalesce(sum(version), 0)::bigint FROM account")
    parts = max(1, -(-receipts // receipts_per_night))
    report = Report()
    if parts > 1:
        report = await audit(pool, now, keyring, zone=zone, scope=Scope(since=now - NIGHT))
    part = business_day(now, zone).toordinal() % parts + 1
    return report.with_other(await audit(pool, now, keyring, zone=zone, scope=Scope(part=(part, parts))))


async def audit(
    pool: asyncpg.Pool,
    now: datetime,
    keyring: Keyring,
    progress: Progress = lambda *_: None,
    features: Iterable[Feature] = FEATURES,
    *,
    zone: ZoneInfo = DEFAULT_ZONE,
    scope: Scope = EVERYTHING,
) -> Report:
    """Check the invariants within the scope, calling `progress(what, done, total)` meanwhile. It only reads.

    Draws of an open round can be decided again only with the key that sealed its seed. Without any key they wait until the round is
    over; a round whose seed none of the keys opens is named.
    """
    report, registry = Report(), Registry(features)
    report.violations += [
        Finding("I23", None, f"{name} is missing or not as it should be")
        for name in [*await schema_problems(pool, SCHEMA), *await guard_problems(pool, GRANTS)]
    ]
    async with snapshot(pool) as connection:
        span = await span_of(connection, scope.part)
        await _state(connection, registry, scope, span, now, report, progress)
        rules = await rules_of_all(connection, report)
        timeline = await read_timeline(connection)
        world = await world_of(connection, registry, rules, timeline, keyring, zone)
        await _replay(connection, world, scope, span, report, progress)
        await _check_pools(connection, world, rules, timeline, now, report)
        drawn = span if scope.since is None else Span(0, 0)  # draws since then were decided again
        await _recompute(connection, registry, rules, keyring, drawn, report, progress)
    return report


async def _state(
    connection: asyncpg.Connection,
    registry: Registry,
    scope: Scope,
    span: Span,
    now: datetime,
    report: Report,
    progress: Progress,
) -> None:
    """The checks that are statements."""
    checks = checks_of(registry)
    for done, check in enumerate(checks):
        progress(check.states, done, len(checks))
        arguments = [now if one is NOW else one for one in check.arguments]
        if statement := statement_of(check, scope, span):
            for row in await connection.fetch(statement, *arguments):
                report.violations.append(Finding(check.invariant, row["member_id"], row["detail"]))
    progress("statements", len(checks), len(checks))


async def rules_of_all(connection: asyncpg.Connection, report: Report) -> dict[int, RuleSet]:
    """I15: every rule version is as it was published."""
    rules = {}
    for row in await connection.fetch("SELECT id, digest, body::text AS body FROM rule_version"):
        try:
            rules[row["id"]] = RuleSet.model_validate_json(row["body"], context=STORED)
        except ValidationError:
            report.violations.append(Finding("I15", None, f"rule version {row['id']} is no rule set"))
            continue
        if digest_of(json.loads(row["body"])) != row["digest"]:
            report.violations.append(Finding("I15", None, f"rule version {row['id']} was changed"))
    return rules


async def world_of(
    connection: asyncpg.Connection,
    registry: Registry,
    rules: Mapping[int, RuleSet],
    timeline: Timeline,
    keyring: Keyring,
    zone: ZoneInfo,
) -> World:
    """The state that all members share when receipts are decided again."""
    wanted = {read for one in registry.handling.values() for read in one.handler.shared}
    shared = {read: await read.note.history(connection, keyring) for read in wanted if read.note is not None}
    live = {version: LiveRules(version, rule_set, zone) for version, rule_set in rules.items()}
    return World(registry, live, timeline.governs, shared, zone)


async def _check_pools(
    connection: asyncpg.Connection,
    world: World,
    rules: Mapping[int, RuleSet],
    timeline: Timeline,
    now: datetime,
    report: Report,
) -> None:
    """I19: pools are as large as the version in force makes them, and every pool is one that rules or commands name."""
    sizes = {version: pool_sizes(world.registry.features, one) for version, one in rules.items()}
    known = world.pools.union(*sizes.values())
    in_force = [sizes[version] for version in timeline.in_force_around(now) if version in sizes]
    for problem in await pool_problems(connection, in_force, known):
        report.violations.append(Finding("I19", None, problem))


async def _recompute(
    connection: asyncpg.Connection,
    registry: Registry,
    rules: Mapping[int, RuleSet],
    keyring: Keyring,
    span: Span,
    report: Report,
    progress: Progress,
) -> None:
    """The features' checks that SQL cannot make."""
    for feature in registry.features:
        for unit, recompute in feature.recompute.items():
            told = partial(progress, f"recomputing {unit}")
            count, findings = await recompute(RecomputeRequest(connection, rules, keyring, told, *span))
            report.recomputed[unit] = count
            report.violations += findings


async def _replay(
    connection: asyncpg.Connection, world: World, scope: Scope, span: Span, report: Report, progress: Progress
) -> None:
    """I4 (sums), I5 (sequence), I14 (hash chain): replay each member's entries. I15: decide each receipt again."""
    total: int = await connection.fetchval("SELECT count(*) FROM account")
    async for ids in pages_of(members_of(connection, scope, span)):
        for stored in await read_members(connection, ids, world.registry, scope.since or EVER):
            report.entries += len(stored.entries)
            settled = [
                one["no"] for one in stored.receipts if one["command"] == SettleClock.name and one["accepted"]
            ]
            grown = sum(row["amount"] for row in stored.rows[GROWTH])
            if problem := replay(stored.account, stored.entries, settled, stored.before, grown):
                report.violations.append(Finding(problem[0], stored.member_id, problem[1]))
                continue
            latest = max((one["posted_at"] for one in stored.receipts if one["trace"] is None), default=None)
            again = replay_member(stored, world)
            report.receipts += again.decided
            report.untraced += again.untraced
            report.untraced_until = max(filter(None, (latest, report.untraced_until)), default=None)
            report.violations += again.findings
        report.accounts += len(ids)
        progress("deciding again", report.accounts, total)


async def pages_of(members: AsyncIterable[asyncpg.Record]) -> AsyncIterator[list[int]]:
    """The ids of members with an account, in pages of about PAGE_RECEIPTS receipts."""
    page: list[int] = []
    receipts = 0
    async for member_id, version in members:
        page.append(member_id)
        receipts += version + 10
        if receipts > PAGE_RECEIPTS:
            yield page
            page, receipts = [], 0
    if page:
        yield page


def replay(
    account: Any, entries: list[Any], settled: Sequence[int] = (), ahead: Any = None, grown: int = 0
) -> tuple[str, str] | None:
    """The first invariant that a member's entries violate, with the detail; None if they add up to the account.

    `settled` are the numbers of the receipts that brought the account back from the future: from each of them on, entries may have
    earlier times than those before it. `ahead` is the entry ahead of the first of these; None: they begin with the member's first.
    `grown` is the growth that the member gained apart from points.
    """
    before, first = 0, ahead["seq"] if ahead else 0
    sums = dict.fromkeys((*BUCKETS, "issued", "spent", "expired", "reversed", "adjusted", "forfeited"), 0)
    sums |= {bucket: ahead[bucket] for bucket in BUCKETS} if ahead else {}
    head, posted_at = ahead["chain"] if ahead else chain.genesis(account.member_id), None
    for seq, entry in enumerate(entries, first + 1):
        if entry["seq"] != seq:
            return "I5", f"entry {seq} is missing"
        was_settled = any(before < no <= entry["receipt_no"] for no in settled)
        if posted_at is not None and entry["posted_at"] < posted_at and not was_settled:
            return "I5", f"entry {seq} is posted before the one ahead of it"
        posted_at, before = entry["posted_at"], entry["receipt_no"]
        for bucket, sign in ((entry["src"], -1), (entry["dst"], 1)):
            sums[bucket] += (-sign if bucket in STORED_AS_OUTFLOW else sign) * entry["amount"]
        if any(sums[bucket] != entry[bucket] for bucket in BUCKETS):
            return "I4", f"entry {seq}: the buckets after it do not follow from the entries"
        head = chain.link(head, _facts(entry))
        if head != entry["chain"]:
            return "I14", f"entry {seq}: the chain does not recompute"
    if account.seq != first + len(entries) or account.chain != head:
        return "I14", f"the account stands at entry {account.seq}, {first + len(entries)} are there"
    if not ahead and account.growth != sums["issued"] + grown:
        return "I4", "the growth value is not what was earned"
    told = BUCKETS if ahead else tuple(sums)
    if any(sums[bucket] != getattr(account, bucket) for bucket in told):
        return "I4", "the account's sums do not follow from its entries"
    return None


def _facts(entry: Any) -> chain.EntryFacts:
    stored = {name: entry[name] for name in chain.EntryFacts._fields}
    return chain.EntryFacts(**(stored | {"detail": json.loads(entry["detail"])}))
