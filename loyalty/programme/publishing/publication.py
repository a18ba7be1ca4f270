"""Publishing a rule set: it stores an immutable version and changes shared rows, such as sizes of pools and rounds of wheels.

A scheduled version changes the shared rows on its day: the job `put_rules_in_force` does it, or the engine when a command finds
shared rows of another version, or is the first under the version that may take from a pool.

A version that makes something worse for a member takes effect NOTICE after its publication at the earliest (`favour`).
"""

from collections import ChainMap
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import asyncpg

from base.checked_clock import CheckedClock
from base.sealing import Keyring
from loyalty.engine.engine import Engine
from loyalty.engine.feature import Feature
from loyalty.engine.pools import MAKE_POOLS
from loyalty.engine.reads import Present
from loyalty.programme.comparing.favour import NOTICE, losses
from loyalty.programme.in_force.live import LiveRules, NoRulesPublished, RuleBook, rules_between
from loyalty.programme.in_force.timeline import pool_sizes
from loyalty.programme.publishing.draft import (
    BackDated,
    Draft,
    Misleading,
    NoReason,
    StockBelowTaken,
    Unchanged,
    local,
    stale_base,
    too_soon,
    with_transition,
    would_be_replaced,
)
from loyalty.programme.publishing.versions import (
    LAST_ID,
    LAST_PUBLISHED,
    below_taken,
    newest,
    scheduled,
    store,
    stored_as,
)
from loyalty.programme.rules import RuleSet

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('jifen: rules'))"
RESIZE_POOLS = """
UPDATE stock s SET stocked = greatest(u.stocked, s.taken) FROM unnest($1::text[], $2::bigint[]) AS u(item, stocked)
WHERE s.item = u.item AND s.stocked <> greatest(u.stocked, s.taken)
"""


class Programme:
    """The engine's source of rules, which also publishes versions and puts them in force."""

    def __init__(
        self, clock: CheckedClock, zone: ZoneInfo, features: Iterable[Feature], keyring: Keyring
    ) -> None:
        self._clock, self._zone, self._features, self._keyring = clock, zone, tuple(features), keyring

    async def between(self, connection: asyncpg.Connection, oldest: datetime, newest: datetime) -> RuleBook:
        """The versions in force from `oldest` to `newest`. Raises NoRulesPublished."""
        return await rules_between(connection, oldest, newest, self._zone)

    async def put_in_force(self, connection: asyncpg.Connection) -> int:
        """Make the shared rows fit the version in force; its id. Safe to repeat. Raises NoRulesPublished."""
        now = await self.lock(connection)
        live = (await rules_between(connection, now, now, self._zone)).at(now)
        await self._take_effect(connection, live.rules, now)
        return live.version

    async def lock(self, connection: asyncpg.Connection) -> datetime:
        """Take the lock under which versions are published, withdrawn and put in force; the present instant.

        Read the clock after taking the lock, and return the instant of the last change if that is later: a process whose clock is
        ahead made that change, and it must not be undone. A scheduled version that changes only sizes of pools records no such
        instant, so a process whose clock is behind may undo it until the job's next run.
        """
        await connection.execute(ONE_AT_A_TIME)
        marks = [self._clock.now(), await connection.fetchval(LAST_PUBLISHED)]
        marks += [
            await feature.publication.last_effect(connection)
            for feature in self._features
            if feature.publication.last_effect is not None
        ]
        now: datetime = max(mark for mark in marks if mark is not None)
        return now

    async def publish(self, connection: asyncpg.Connection, draft: Draft, now: datetime) -> int:
        """Store the draft within the engine's transaction; the new version's id. Safe to repeat with the same `now`.

        A scheduled version only makes its new pools at once; `put_in_force` makes all other changes on its day. If a version was
        scheduled for a later day before, that one replaces it on that day. Raises NoReason, StaleBase, Misleading, BackDated,
        Unchanged, WouldBeReplaced, TooSoon, BadTransition and StockBelowTaken.
        """
        await connection.execute(ONE_AT_A_TIME)
        before = await self._before(connection, draft)
        draft = with_transition(draft, before, self._zone)
        if stored := await stored_as(connection, draft, now):
            return stored
        await self._refuse(connection, draft, before, now)
        worse = losses(before.rules, draft.rules) if before else []
        hasty = bool(worse) and draft.effective_from - now < NOTICE
        if hasty and not draft.urgent:
            raise too_soon(worse, now, self._zone)
        version = await store(connection, draft, worse, now, urgent=hasty)
        await self._announce(connection, draft.rules)
        sizes = self._sizes(draft.rules)
        if below := await below_taken(connection, sizes):
            raise StockBelowTaken("\n".join(self._below(draft.rules, below)))
        if draft.effective_from <= now:
            await self._take_effect(connection, draft.rules, now)
        else:
            await connection.execute(MAKE_POOLS, list(sizes), list(sizes.values()))
        return version

    async def _refuse(
        self, connection: asyncpg.Connection, draft: Draft, before: LiveRules | None, now: datetime
    ) -> None:
        if not draft.reason.strip():
            raise NoReason("发布要写明原因。")
        base, last = await newest(connection), await connection.fetchval(LAST_ID)
        if base != draft.base:
            raise stale_base(draft.base, base, last)
        if found := [*objections(draft.rules, self._features), *self._over(draft, before)]:
            raise Misleading("\n".join(found))
        if draft.effective_from < now:
            raise BackDated(f"规则不能从 {local(draft.effective_from, self._zone)} 起生效：不能早于现在。")
        if before and before.rules.digest == draft.rules.digest:
            raise Unchanged(f"这份规则和第 {before.version} 版完全一样，没有发布。")
        waiting = await scheduled(connection, draft.effective_from)
        if waiting and not draft.until_replaced:
            raise would_be_replaced(waiting, self._zone)

    def _over(self, draft: Draft, before: LiveRules | None) -> Iterator[str]:
        """A Chinese sentence for each item that is new and over before it takes effect."""
        since = draft.effective_from.astimezone(self._zone)
        for feature in self._features:
            old = feature.rule(before.rules) if before else None
            yield from feature.publication.over(feature.rule(draft.rules), old, since)

    async def _before(self, connection: asyncpg.Connection, draft: Draft) -> LiveRules | None:
        """The version that the draft would follow on its day, if there is one."""
        instant = draft.effective_from
        try:
            return (await rules_between(connection, instant, instant, self._zone)).at(instant)
        except NoRulesPublished:
            return None

    def _sizes(self, rules: RuleSet) -> dict[str, int]:
        return pool_sizes(self._features, rules)

    def _below(self, rules: RuleSet, below: list[tuple[str, int, int]]) -> Iterator[str]:
        """A Chinese sentence for each pool that would be smaller than what was taken from it."""
        names = ChainMap(*(dict(one.publication.pool_names(one.rule(rules))) for one in self._features))
        for pool, size, taken in below:
            yield f"{names.get(pool, pool)}：会员已经领走 {taken:,}，总数不能改成 {size:,}，至少要写 {taken:,}。"

    async def _announce(self, connection: asyncpg.Connection, rules: RuleSet) -> None:
        for feature in self._features:
            if feature.publication.announce is not None:
                await feature.publication.announce(connection, feature.rule(rules))

    async def _take_effect(self, connection: asyncpg.Connection, rules: RuleSet, now: datetime) -> None:
        sizes = self._sizes(rules)
        await connection.execute(MAKE_POOLS, list(sizes), list(sizes.values()))
        await connection.execute(RESIZE_POOLS, list(sizes), list(sizes.values()))
        for feature in self._features:
            if feature.publication.take_effect is not None:
                present = Present(now, self._zone, self._keyring)
                await feature.publication.take_effect(connection, feature.rule(rules), present)


def objections(rules: RuleSet, features: Iterable[Feature]) -> list[str]:
    """A Chinese sentence for each rule that would mislead members."""
    return [told for feature in features for told in feature.publication.objections(feature.rule(rules))]


def warnings(rules: RuleSet, features: Iterable[Feature]) -> list[str]:
    """A Chinese sentence for each rule that is allowed, and that the operator should look at again."""
    return [told for feature in features for told in feature.publication.warnings(feature.rule(rules))]


def programme_of(engine: Engine) -> Programme:
    """The programme that this engine runs."""
    context = engine.context
    return Programme(engine.clock, context.zone, context.registry.features, context.keyring)


async def publish(
    engine: Engine,
    rules: RuleSet,
    *,
    base: int,
    by: str,
    reason: str,
    effective_from: datetime | None = None,
    until_replaced: bool = False,
    urgent: bool = False,
    transition_until: date | None = None,
) -> int:
    """Store `rules`, made from version `base`, in force from `effective_from` (None: from now); the new version's id.

    Raises EngineUnavailable and what `Programme.publish` raises.
    """
    now, programme = engine.clock.now(), programme_of(engine)
    draft = Draft(rules, base, effective_from or now, by, reason, until_replaced, urgent, transition_until)
    return await engine.transact(lambda connection: programme.publish(connection, draft, now))


async def put_in_force(engine: Engine) -> int:
    """Make the shared rows fit the version in force now; its id. Safe to repeat. Raises NoRulesPublished, EngineUnavailable."""
    return await engine.transact(engine.context.rules.put_in_force)
