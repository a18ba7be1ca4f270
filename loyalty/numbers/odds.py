"""Each game's observed odds against the published ones (D05), from its draws: one line for each prize."""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

import asyncpg

from loyalty.programme.rules import RuleSet

PPM: Final = 1_000_000
DEVIATIONS: Final = 4.0
"""A share further from the published one than so many standard deviations is suspect: chance does so once in 15,000."""
LEAST_DRAWS: Final = 100

SELECT: Final = """
SELECT wheel, odds_version, candidate, count(*) AS drawn FROM draw GROUP BY wheel, odds_version, candidate
"""


class Odds(NamedTuple):
    """A prize with its published odds in parts per million, and how often it was rolled in `draws` spins."""

    wheel: str
    prize: str
    name: str
    published_ppm: int
    drawn: int
    draws: int

    @property
    def observed_ppm(self) -> int:
        """The share that was observed."""
        return round(self.drawn * PPM / self.draws) if self.draws else 0

    @property
    def is_suspect(self) -> bool:
        """Whether chance alone hardly explains the difference."""
        if self.draws < LEAST_DRAWS:
            return False
        share = self.published_ppm / PPM
        deviation = sqrt(self.draws * share * (1 - share))
        return abs(self.drawn - self.draws * share) > max(DEVIATIONS * deviation, 1)


class Drawn(NamedTuple):
    """How often a prize was rolled under one table of odds of a wheel."""

    wheel: str
    odds_version: str
    prize: str
    times: int


async def draws(database: asyncpg.Pool) -> list[Drawn]:
    """All draws so far, counted. It reads every one of them, which takes seconds when there are millions."""
    return [Drawn(*row) for row in await database.fetch(SELECT)]


async def observed_odds(database: asyncpg.Pool, rules: RuleSet) -> Sequence[Odds]:
    """The prizes of the wheels in force, by the draws up to now under their present table of odds."""
    return odds_of(rules, await draws(database))


def odds_of(rules: RuleSet, counted: Sequence[Drawn]) -> Sequence[Odds]:
    """The prizes of the wheels in force, by the draws that were counted under their present table of odds.

    A prize counts when it was rolled, also where its substitute was given.
    """
    drawn = {(one.wheel, one.odds_version, one.prize): one.times for one in counted}
    found = []
    for wheel in rules.wheels:
        of_wheel = {
            prize: times
            for (one, version, prize), times in drawn.items()
            if (one, version) == (wheel.id, wheel.odds_version)
        }
        spins = sum(of_wheel.values())
        found += [
            Odds(wheel.id, prize.id, prize.name, prize.odds_ppm, of_wheel.get(prize.id, 0), spins)
            for prize in wheel.by_slot
        ]
    return found
