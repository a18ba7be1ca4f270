"""Publishing a rule set: it stores an immutable version and changes shared rows, such as sizes of pools and rounds of wheels.

A scheduled version changes the shared rows on its day: the job `put_rules_in_force` does it, or the engine when a command finds
shared rows of another version.
"""

from collections import ChainMap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg

from base.clock import Clock
from loyalty.engine.engine import Engine
from loyalty.engine.feature import Feature
from loyalty.engine.pools import MAKE_POOLS
from loyalty.programme.files import NotPublished
from loyalty.programme.live import RuleBook, rules_between
from loyalty.programme.rules import RuleSet


@dataclass(frozen=True)
class Draft:
    """A rule set about to become the version after `base` (0: the first)."""

    rules: RuleSet
    base: int
    effective_from: datetime
    by: str
    reason: str


class StaleBase(NotPublished):
    """The draft was made from an older version, because somebody else has published meanwhile."""


class BackDated(NotPublished):
    """The draft would take effect before its publication, and so change the rules of receipts that exist."""


class StockBelowTaken(NotPublished):
    """The new size of a pool is smaller than what members already took from it."""


ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('jifen: rules'))"
RESIZE_POOLS = """
UPDATE stock s SET stocked = greatest(u.stocked, s.taken) FROM unnest($1::text[], $2::bigint[]) AS u(item, stocked)
WHERE s.item = u.item AND s.stocked <> greatest(u.stocked, s.taken)
"""


class Programme:
    """The engine's source of rules, which also publishes versions and puts them in force."""

    def __init__(self, clock: Clock, zone: ZoneInfo, features: Iterable[Feature]) -> None:
        self._clock, self._zone, self._features = clock, zone, tuple(features)

    async def between(self, connection: asyncpg.Connection, oldest: datetime, newest: datetime) -> RuleBook:
        """The versions in force from `oldest` to `newest`. Raises NoRulesPublished."""
        return await rules_between(connection, oldest, newest, self._zone)

    async def put_in_force(self, connection: asyncpg.Connection) -> int:
        """Make the shared rows fit the version in force; its id. Safe to repeat. Raises NoRulesPublished."""
        await connection.execute(ONE_AT_A_TIME)
        # Read the clock after taking the lock, and use the instant of the last change if that is later: a process whose clock is
        # ahead made that change, and it must not be undone. A scheduled version that changes only sizes of pools records no such
        # instant, so a process whose clock is behind may undo it until the job's next run.
        marks = [self._clock.now(), await connection.fetchval(LAST_PUBLISHED)]
        marks += [
            await feature.publication.last_effect(connection)
            for feature in self._features
            if feature.publication.last_effect is not None
        ]
        now = max(mark for mark in marks if mark is not None)
        live = (await rules_between(connection, now, now, self._zone)).at(now)
        await self._take_effect(connection, live.rules, now)
        return live.version

    async def publish(self, connection: asyncpg.Connection, draft: Draft, now: datetime) -> int:
        """Store the draft within the engine's transaction; the new version's id. Safe to repeat with the same `now`.

        A scheduled version only makes its new pools at once; `put_in_force` makes all other changes on its day. If a version was
        scheduled for a later day before, that one replaces it on that day. Raises StaleBase, BackDated and StockBelowTaken.
        """
        await connection.execute(ONE_AT_A_TIME)
        base: int = await connection.fetchval("SELECT coalesce(max(id), 0) FROM rule_version")
        if await _is_stored(connection, draft, now):
            return draft.base + 1
        if base != draft.base:
            raise StaleBase(f"第 {base} 版规则已经发布，这份改自第 {draft.base} 版，请在最新一版上重新修改。")
        if draft.effective_from < now:
            raise BackDated(f"规则不能从 {draft.effective_from.isoformat()} 起生效：不能早于现在。")
        await _store(connection, draft, now)
        sizes = self._sizes(draft.rules)
        if await _below_taken(connection, sizes):
            raise StockBelowTaken("有一项库存小于会员已经领走的数量。")
        if draft.effective_from <= now:
            await self._take_effect(connection, draft.rules, now)
        else:
            await connection.execute(MAKE_POOLS, list(sizes), list(sizes.values()))
        return draft.base + 1

    def _sizes(self, rules: RuleSet) -> dict[str, int]:
        """The size of every pool that the rules fix, sorted by name, because all transactions lock pools in this order."""
        sizes = ChainMap(
            *(dict(feature.publication.pool_sizes(feature.rule(rules))) for feature in self._features)
        )
        return dict(sorted(sizes.items()))

    async def _take_effect(self, connection: asyncpg.Connection, rules: RuleSet, now: datetime) -> None:
        sizes = self._sizes(rules)
        await connection.execute(MAKE_POOLS, list(sizes), list(sizes.values()))
        await connection.execute(RESIZE_POOLS, list(sizes), list(sizes.values()))
        for feature in self._features:
            if feature.publication.take_effect is not None:
                await feature.publication.take_effect(connection, feature.rule(rules), now)


def programme_of(engine: Engine) -> Programme:
    """The programme that this engine runs."""
    return Programme(engine.clock, engine.context.zone, engine.context.registry.features)


async def publish(
    engine: Engine, rules: RuleSet, *, base: int, by: str, reason: str, effective_from: datetime | None = None
) -> int:
    """Store `rules` as the version after `base`, in force from `effective_from` (None: from now); its id.

    Raises EngineUnavailable and what `Programme.publish` raises.
    """
    now, programme = engine.clock.now(), programme_of(engine)
    draft = Draft(rules, base, effective_from or now, by, reason)
    return await engine.transact(lambda connection: programme.publish(connection, draft, now))


async def put_in_force(engine: Engine) -> int:
    """Make the shared rows fit the version in force now; its id. Safe to repeat. Raises NoRulesPublished, EngineUnavailable."""
    return await engine.transact(engine.context.rules.put_in_force)


LAST_PUBLISHED = "SELECT max(effective_from) FROM rule_version WHERE effective_from <= published_at"


async def scheduled(database: asyncpg.Connection | asyncpg.Pool, now: datetime) -> list[tuple[int, datetime]]:
    """The scheduled versions as (id, effective_from), the next one first."""
    rows = await database.fetch(
        "SELECT id, effective_from FROM rule_version WHERE effective_from > $1 ORDER BY effective_from, id",
        now,
    )
    return [(row["id"], row["effective_from"]) for row in rows]


async def _store(connection: asyncpg.Connection, draft: Draft, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO rule_version (id, digest, body, effective_from, published_at, published_by, reason)"
        " VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7)",
        draft.base + 1, draft.rules.digest, draft.rules.model_dump_json(), draft.effective_from, now, draft.by,
        draft.reason,
    )  # fmt: skip


async def _is_stored(connection: asyncpg.Connection, draft: Draft, now: datetime) -> bool:
    """Whether an earlier attempt at this same publication was committed, although its answer was lost."""
    stored = await connection.fetchrow(
        "SELECT digest, effective_from, published_at, published_by, reason FROM rule_version WHERE id = $1",
        draft.base + 1,
    )
    mine = (draft.rules.digest, draft.effective_from, now, draft.by, draft.reason)
    return stored is not None and tuple(stored) == mine


async def _below_taken(connection: asyncpg.Connection, sizes: dict[str, int]) -> bool:
    """Whether members already took more of any pool than its new size."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM unnest($1::text[], $2::bigint[]) AS u(item, stocked)"
        " JOIN stock s ON s.item = u.item WHERE u.stocked < s.taken)",
        list(sizes), list(sizes.values()),
    )  # fmt: skip
    return found
