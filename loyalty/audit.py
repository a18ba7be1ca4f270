"""`jifen audit`: it checks every invariant on one snapshot of the live database, and names each violation."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg

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
from loyalty.ledger.calendar import business_day
from loyalty.ledger.growth import GROWTH
from loyalty.ledger.replay import replay
from loyalty.numbers.reconcile import reconcile
from loyalty.programme.in_force.timeline import Timeline, pool_problems, pool_sizes, read_timeline
from loyalty.programme.rules import RuleSet
from loyalty.schema import GRANTS, SCHEMA
from loyalty.scope import Scope, Span, members_of, span_of, statement_of
from loyalty.settling import SettleClock
from loyalty.world import pages_of, rules_of_all, world_of
from models.guards import guard_problems
from models.schema import schema_problems

EVER: Final = datetime(1, 1, 1, tzinfo=UTC)
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
        if scope.part == (1, 1):
            report.violations += await reconcile(connection, zone, scope.since)
        rules, changed = await rules_of_all(connection)
        report.violations += changed
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
