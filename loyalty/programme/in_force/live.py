"""The rules in force at an instant.

A version never changes, so each process caches parsed rule sets by their digest. Which version is in force is queried every time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.engine.rules import NoRules
from loyalty.ledger.calendar import business_day, day_start
from loyalty.programme.declaring.faults import STORED
from loyalty.programme.general.quiet_hours import open_hours, unprompted_at
from loyalty.programme.rules import RuleSet


class NoRulesPublished(NoRules):
    """The programme has no rule version in force yet."""


@dataclass(frozen=True)
class LiveRules:
    """A rule version with the zone its business days are counted in."""

    version: int
    rules: RuleSet
    zone: ZoneInfo

    def day(self, instant: datetime) -> date:
        """The programme's calendar day of an aware instant."""
        return business_day(instant, self.zone)

    def wall_time(self, instant: datetime) -> datetime:
        """The local time of an aware instant, without an offset, as windows are written."""
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def lapse_day(self, day: date) -> date:
        """The first day on which points granted on `day` are gone."""
        return self.rules.expiry.lapse_day(day)

    def is_quiet(self, now: datetime) -> bool:
        """Whether notices that no member has just caused do not ring now."""
        quiet = self.rules.notices.quiet_hours
        return quiet is not None and open_hours(quiet, now, self.zone).begin > now

    def unprompted_at(
        self, member_id: int, now: datetime, *, seen_on: date | None, gone_on: date | None = None
    ) -> datetime:
        """When to send a notice that no member has just caused; see `quiet_hours.unprompted_at`."""
        gone_at = None if gone_on is None else day_start(gone_on, self.zone)
        return unprompted_at(
            self.rules.notices.quiet_hours, member_id, now, self.zone, seen_on=seen_on, gone_at=gone_at
        )


class RuleBook(NamedTuple):
    """The rule versions in force within a span of time, newest first, as (effective_from, rules)."""

    versions: tuple[tuple[datetime, LiveRules], ...]

    def at(self, instant: datetime) -> LiveRules:
        """The version in force at `instant`; for an instant before all versions, the oldest one here."""
        for effective_from, live in self.versions:
            if effective_from <= instant:
                return live
        return self.versions[-1][1]


NOT_WITHDRAWN = "id NOT IN (SELECT version FROM rule_withdrawal)"
"""Condition on rows of `rule_version`: a version that was withdrawn before its instant never takes effect."""
SELECT_RULES = f"""
SELECT id, digest, effective_from FROM rule_version
WHERE effective_from <= $2 AND {NOT_WITHDRAWN} AND effective_from >= coalesce(
    (SELECT max(effective_from) FROM rule_version WHERE effective_from <= $1 AND {NOT_WITHDRAWN}), '-infinity')
ORDER BY effective_from DESC, id DESC
"""  # noqa: S608  # our own text

_parsed: dict[str, RuleSet] = {}


async def rules_between(
    database: asyncpg.Connection | asyncpg.Pool, oldest: datetime, newest: datetime, zone: ZoneInfo
) -> RuleBook:
    """The rules in force at any instant from `oldest` to `newest`. Raises NoRulesPublished when there are none at `newest`."""
    rows = await database.fetch(SELECT_RULES, oldest, newest)
    if not rows:
        raise NoRulesPublished("没有生效的积分规则")
    versions = []
    for row in rows:
        rules = await stored_rules(database, row["id"], row["digest"])
        versions.append((row["effective_from"], LiveRules(row["id"], rules, zone)))
    return RuleBook(tuple(versions))


RULES_IN_FORCE = f"""
LEFT JOIN (
    SELECT id, digest FROM rule_version WHERE effective_from <= $3 AND {NOT_WITHDRAWN}
    ORDER BY effective_from DESC, id DESC LIMIT 1
) r ON true
"""  # noqa: S608  # our own text
"""Joins the version in force at the instant $3 to a statement, which selects `r.id AS rule_version, r.digest`."""


async def live_by_digest(
    database: asyncpg.Connection | asyncpg.Pool, rows: Sequence[asyncpg.Record], zone: ZoneInfo
) -> dict[str | None, LiveRules]:
    """The rules named by rows of statements with RULES_IN_FORCE, by digest. A row without a digest found no rules in force."""
    versions = {row["digest"]: row["rule_version"] for row in rows if row["digest"]}
    return {
        digest: LiveRules(version, await stored_rules(database, version, digest), zone)
        for digest, version in versions.items()
    }


async def rules_of(database: asyncpg.Connection | asyncpg.Pool, version: int) -> RuleSet:
    """The rule set of a version, whether in force or not. Raises LookupError for one that was never published."""
    digest = await database.fetchval("SELECT digest FROM rule_version WHERE id = $1", version)
    if digest is None:
        raise LookupError(f"no rule version {version}")
    return await stored_rules(database, version, digest)


def in_force(live: LiveRules | None) -> LiveRules:
    """The rules, if there are any in force; otherwise raises NoRulesPublished."""
    if live is None:
        raise NoRulesPublished("没有生效的积分规则")
    return live


async def stored_rules(database: asyncpg.Connection | asyncpg.Pool, version: int, digest: str) -> RuleSet:
    """The rule set of a version, which this process reads once per digest."""
    if digest not in _parsed:
        body: str = await database.fetchval("SELECT body::text FROM rule_version WHERE id = $1", version)
        if digest not in _parsed:  # nobody else has parsed it meanwhile
            _parsed[digest] = RuleSet.model_validate_json(body, context=STORED)
    return _parsed[digest]
