"""Publishing a rule set: it stores an immutable version and changes shared rows, such as sizes of pools and rounds of wheels.

A scheduled version changes the shared rows on its day: the job `put_rules_in_force` does it, or the engine when a command finds
shared rows of another version, or is the first under the version that may take from a pool.

A version that makes something worse for a member takes effect NOTICE after its publication at the earliest (`favour`).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg

from base.checked_clock import CheckedClock
from base.sealing import Keyring
from loyalty.engine.engine import Engine
from loyalty.engine.feature import Feature
from loyalty.engine.pools import MAKE_POOLS
from loyalty.engine.reads import Present
from loyalty.ledger.calendar import business_day, day_start
from loyalty.programme.favour import NOTICE, losses
from loyalty.programme.files import NotPublished
from loyalty.programme.live import NOT_WITHDRAWN, LiveRules, NoRulesPublished, RuleBook, rules_between
from loyalty.programme.rules import RuleSet
from loyalty.programme.timeline import pool_sizes


@dataclass(frozen=True)
class Draft:
    """A rule set made from version `base` (0: none).

    `until_replaced`: a version scheduled for later may replace it on its day. `urgent`: it may make something worse without NOTICE,
    because a law or an authority demands it; the version says so for ever. `transition_until`: until that day, points of before
    pay the old prices of rewards that the draft makes dearer.
    """

    rules: RuleSet
    base: int
    effective_from: datetime
    by: str
    reason: str
    until_replaced: bool = False
    urgent: bool = False
    transition_until: date | None = None


class StaleBase(NotPublished):
    """The draft was made from an older version, because somebody else has published or withdrawn one meanwhile."""


class Unchanged(NotPublished):
    """The draft equals the version that it would follow, so there is nothing to publish."""


class WouldBeReplaced(NotPublished):
    """A scheduled version will replace the draft on its day, and undo what the draft changes."""


class BackDated(NotPublished):
    """The draft would take effect before its publication, and so change the rules of receipts that exist."""


class NoReason(NotPublished):
    """The draft does not say why."""


class TooSoon(NotPublished):
    """The draft makes something worse for members and would take effect before they had NOTICE; `losses` says what."""

    def __init__(self, message: str, losses: list[str]) -> None:
        super().__init__(message)
        self.losses = losses


class BadTransition(NotPublished):
    """The transition ends before the draft takes effect, or is longer than LONGEST_TRANSITION."""


class Misleading(NotPublished):
    """The rules are valid and would mislead members; the message has a sentence for each fault."""


class StockBelowTaken(NotPublished):
    """The new size of a pool is smaller than what members already took from it."""


LONGEST_TRANSITION: Final = timedelta(days=366)
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
        draft = self._with_transition(draft, before)
        if stored := await _is_stored(connection, draft, now):
            return stored
        await self._refuse(connection, draft, before, now)
        worse = losses(before.rules, draft.rules) if before else []
        too_soon = bool(worse) and draft.effective_from - now < NOTICE
        if too_soon and not draft.urgent:
            raise TooSoon(self._too_soon(worse, now), worse)
        version = await _store(connection, draft, worse, now, urgent=too_soon)
        await self._announce(connection, draft.rules)
        sizes = self._sizes(draft.rules)
        if await _below_taken(connection, sizes):
            raise StockBelowTaken("有一项库存小于会员已经领走的数量。")
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
            raise StaleBase(_stale(draft.base, base, last))
        if found := [*objections(draft.rules, self._features), *self._over(draft, before)]:
            raise Misleading("\n".join(found))
        if draft.effective_from < now:
            raise BackDated(f"规则不能从 {self._local(draft.effective_from)} 起生效：不能早于现在。")
        if before and before.rules.digest == draft.rules.digest:
            raise Unchanged(f"这份规则和第 {before.version} 版完全一样，没有发布。")
        waiting = await scheduled(connection, draft.effective_from)
        if waiting and not draft.until_replaced:
            raise WouldBeReplaced(self._replaced(waiting))

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

    def _with_transition(self, draft: Draft, before: LiveRules | None) -> Draft:
        """The draft with its transition written into the rewards that it makes dearer. Points earned on that very day are old."""
        until = draft.transition_until
        if until is None or before is None:
            return draft
        first = business_day(draft.effective_from, self._zone)
        earned_before = (
            first if day_start(first, self._zone) == draft.effective_from else first + timedelta(days=1)
        )
        if not earned_before < until <= earned_before + LONGEST_TRANSITION:
            raise BadTransition(
                f"过渡期要在生效之后结束，最长 {LONGEST_TRANSITION.days} 天，不能到 {until} 为止。"
            )
        rewards = [
            one.with_transition(old, earned_before, until) if (old := before.rules.reward(one.id)) else one
            for one in draft.rules.rewards
        ]
        return replace(draft, rules=draft.rules.model_copy(update={"rewards": tuple(rewards)}))

    def _too_soon(self, worse: list[str], now: datetime) -> str:
        lines = "\n".join(f"  {one}" for one in worse)
        return (
            f"这次改动里有 {len(worse)} 处对会员不利或可能不利，至少要提前 {NOTICE.days} 天公布：\n{lines}\n"
            f"最早可以从 {self._local(now + NOTICE + timedelta(minutes=1))} 起生效，用 --effective-from 写明。"
            "法律或主管部门要求立刻改的，再加上 --urgent，这一版会一直记着。"
        )

    def _replaced(self, waiting: list[tuple[int, datetime]]) -> str:
        days = "、".join(f"第 {version} 版（{self._local(begins)} 起生效）" for version, begins in waiting)
        version = waiting[0][0]
        return (
            f"已经排定了{days}，到时候会盖掉这次的改动。"
            f"要么先撤回它：jifen rules withdraw {version} --reason '…'；"
            "要么让这次的改动只用到那时为止：再加上 --until-replaced。"
        )

    def _local(self, instant: datetime) -> str:
        return f"{instant.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def _sizes(self, rules: RuleSet) -> dict[str, int]:
        return pool_sizes(self._features, rules)

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


LAST_PUBLISHED = "SELECT max(effective_from) FROM rule_version WHERE effective_from <= published_at"
LAST_ID = "SELECT coalesce(max(id), 0) FROM rule_version"
NEWEST = f"SELECT coalesce(max(id), 0) FROM rule_version WHERE {NOT_WITHDRAWN}"  # noqa: S608  # our own text
SCHEDULED = f"""
SELECT DISTINCT ON (effective_from) id, effective_from FROM rule_version
WHERE effective_from > $1 AND {NOT_WITHDRAWN} ORDER BY effective_from, id DESC
"""  # noqa: S608  # our own text


async def newest(database: asyncpg.Connection | asyncpg.Pool) -> int:
    """The id of the last version that was published and not withdrawn, in force or not: the base of the next one; 0 for none."""
    found: int = await database.fetchval(NEWEST)
    return found


async def scheduled(database: asyncpg.Connection | asyncpg.Pool, now: datetime) -> list[tuple[int, datetime]]:
    """The versions that will take effect after `now` as (id, effective_from), the next one first."""
    return [(row["id"], row["effective_from"]) for row in await database.fetch(SCHEDULED, now)]


def _stale(base: int, newest_id: int, last_id: int) -> str:
    if base > newest_id and base <= last_id:
        return f"第 {base} 版已经撤回，请在第 {newest_id} 版上重新修改。"
    if base > last_id:
        return f"没有第 {base} 版规则，最新的是第 {newest_id} 版。"
    return f"第 {newest_id} 版规则已经发布，这份改自第 {base} 版，请在最新一版上重新修改。"


async def _store(
    connection: asyncpg.Connection, draft: Draft, worse: list[str], now: datetime, *, urgent: bool
) -> int:
    version: int = await connection.fetchval(
        "INSERT INTO rule_version (id, digest, body, effective_from, published_at, published_by, reason, losses, urgent)"
        " SELECT coalesce(max(id), 0) + 1, $1, $2::text::jsonb, $3, $4, $5, $6, $7::text::jsonb, $8 FROM rule_version RETURNING id",
        draft.rules.digest, draft.rules.model_dump_json(), draft.effective_from, now, draft.by, draft.reason, json.dumps(worse),
        urgent,
    )  # fmt: skip
    return version


async def _is_stored(connection: asyncpg.Connection, draft: Draft, now: datetime) -> int | None:
    """The id of this same publication, if an earlier attempt was committed although its answer was lost."""
    found: int | None = await connection.fetchval(
        "SELECT id FROM rule_version WHERE (digest, effective_from, published_at, published_by, reason)"
        " = ($1::text, $2::timestamptz, $3::timestamptz, $4::text, $5::text)",
        draft.rules.digest, draft.effective_from, now, draft.by, draft.reason,
    )  # fmt: skip
    return found


async def _below_taken(connection: asyncpg.Connection, sizes: dict[str, int]) -> bool:
    """Whether members already took more of any pool than its new size."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM unnest($1::text[], $2::bigint[]) AS u(item, stocked)"
        " JOIN stock s ON s.item = u.item WHERE u.stocked < s.taken)",
        list(sizes), list(sizes.values()),
    )  # fmt: skip
    return found
