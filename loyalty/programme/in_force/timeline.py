"""Which rule version governed an instant, and how large the version in force makes each pool: what the audit holds rows against."""

from bisect import bisect_right
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

import asyncpg

from loyalty.engine.feature import Feature
from loyalty.programme.rules import RuleSet

SLACK: Final = timedelta(minutes=1)
"""A batch may have read the rules so long before or after a publication that carries about the same instant."""
SELECT_PUBLISHED: Final = """
SELECT v.id, v.effective_from, v.published_at FROM rule_version v
WHERE NOT EXISTS (SELECT FROM rule_withdrawal w WHERE w.version = v.id) ORDER BY v.effective_from, v.id
"""
SELECT_POOLS: Final = "SELECT item, stocked, taken FROM stock ORDER BY item"


class Published(NamedTuple):
    """A rule version that was not withdrawn."""

    version: int
    effective_from: datetime
    published_at: datetime

    @property
    def place(self) -> tuple[datetime, int]:
        """Of two versions that are in effect, the one with the later place governs."""
        return self.effective_from, self.version


class Timeline:
    """The versions that took or will take effect."""

    def __init__(self, versions: Iterable[Published]) -> None:
        self.versions = sorted(versions, key=lambda one: one.place)
        self._by_id = {one.version: one for one in self.versions}

    @cached_property
    def _instants(self) -> Sequence[datetime]:
        return [one.effective_from for one in self.versions]

    def at(self, instant: datetime) -> Published | None:
        """The version that governs an instant by what is published now."""
        place = bisect_right(self._instants, instant)
        return self.versions[place - 1] if place else None

    def governs(self, version: int, at: datetime, posted_at: datetime) -> bool:
        """Whether a command of the instant `at`, which was posted at `posted_at`, could be decided by this version."""
        mine = self._by_id.get(version)
        if mine is None or mine.published_at > posted_at + SLACK:
            return False
        if mine.effective_from > at:
            return self.at(at) is None
        return not any(
            one.effective_from <= at and one.place > mine.place and one.published_at <= posted_at - SLACK
            for one in self.versions
        )

    def in_force_around(self, now: datetime) -> list[int]:
        """The version in force, and those that were so within SLACK of `now`: shared rows may still follow one of these."""
        found = [self.at(now), self.at(now - SLACK), self.at(now + SLACK)]
        return list(dict.fromkeys(one.version for one in found if one is not None))


async def read_timeline(connection: asyncpg.Connection) -> Timeline:
    """The timeline of the database."""
    return Timeline(Published(*row) for row in await connection.fetch(SELECT_PUBLISHED))


def pool_sizes(features: Iterable[Feature], rules: RuleSet) -> dict[str, int]:
    """The size of every pool that the rules fix, sorted by name, because all transactions lock pools in this order."""
    sizes = ChainMap(*(dict(feature.publication.pool_sizes(feature.rule(rules))) for feature in features))
    return dict(sorted(sizes.items()))


async def pool_problems(
    connection: asyncpg.Connection, sizes: Sequence[Mapping[str, int]], known: set[str]
) -> list[str]:
    """Pools that are larger or smaller than the rules say.

    `sizes` has the pools of each version that may be in force, `known` the names of all pools that any rules or commands name.
    """
    problems = []
    for item, stocked, taken in await connection.fetch(SELECT_POOLS):
        allowed = {max(one[item], taken) for one in sizes if item in one}
        if allowed and stocked not in allowed:
            problems.append(f"{item}: {stocked} stocked, the rules say {min(allowed)}")
        elif item not in known:
            problems.append(f"{item}: no rules name this pool")
    return problems
