"""Each game's observed draws against the published odds (D05), one table of odds at a time, from the daily facts.

A prize counts when it was rolled, also where its substitute was given.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import asyncpg

from loyalty.games.rule import Wheel
from loyalty.numbers.feed import shown_edition
from loyalty.numbers.goodness import LIMIT, PPM, evidence
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.rules import RuleSet

SELECT: Final = """
SELECT rule, version, min(booked_on) AS since, sum(times)::bigint AS drawn FROM daily_fact
WHERE edition = $1 AND flow = 'rolled' GROUP BY rule, version ORDER BY version DESC, rule
"""
TOLD: Final = "SELECT flow, min(day) AS day FROM number_alert WHERE kind = 'odds' GROUP BY flow"

FAIR: Final = "与公布的概率一致"
UNFAIR: Final = "实际中奖与公布的概率不符，已通知运营方核查"
NOBODY_YET: Final = "还没有人抽过"


class Line(NamedTuple):
    """A prize with its published odds in parts per million, how often it was rolled, and how often it should have been."""

    prize: str
    name: str
    published_ppm: int
    drawn: int
    expected: float


@dataclass(frozen=True)
class OddsTable:
    """A table of odds of a wheel, as published, with all its draws since `since`, the first day on which they were counted.

    `told` is the day on which operators were told that it does not hold; it stays so. `is_live`: it governs draws now.
    """

    wheel: str
    name: str
    odds_version: str
    lines: tuple[Line, ...]
    is_live: bool
    since: date | None = None
    told: date | None = None

    @property
    def draws(self) -> int:
        """How often it was drawn by."""
        return sum(line.drawn for line in self.lines)

    @property
    def subject(self) -> str:
        """The name of its alert."""
        return f"{self.wheel}:{self.odds_version}"

    @property
    def is_against_odds(self) -> bool:
        """Whether its draws as they are now speak against it."""
        return (
            evidence([line.published_ppm for line in self.lines], [line.drawn for line in self.lines])
            >= LIMIT
        )

    @property
    def is_suspect(self) -> bool:
        """Whether its draws speak against it, or did so once."""
        return self.told is not None or self.is_against_odds

    @property
    def sentence(self) -> str:
        """What members and operators read of it."""
        return UNFAIR if self.is_suspect else FAIR if self.draws else NOBODY_YET


@dataclass
class _Counted:
    """The draws by one table of odds."""

    wheel: Wheel
    drawn: Counter[str]
    since: date


async def odds_tables(database: asyncpg.Pool, rules: RuleSet) -> list[OddsTable]:
    """The tables of the wheels in force, in the order of the rules, and then those of before that were drawn by, newest first."""
    counted = await _counted(database)
    told = {row["flow"]: row["day"] for row in await database.fetch(TOLD)}
    live = {(wheel.id, wheel.odds_version): wheel for wheel in rules.wheels}
    found = [_table(wheel, counted.get(key), told, is_live=True) for key, wheel in live.items()]
    before = [one for key, one in counted.items() if key not in live]
    return found + [_table(one.wheel, one, told, is_live=False) for one in before]


async def _counted(database: asyncpg.Pool) -> dict[tuple[str, str], _Counted]:
    found: dict[tuple[str, str], _Counted] = {}
    for row in await database.fetch(SELECT, await shown_edition(database)):
        _, name, prize = row["rule"].split(":")
        wheel = (await rules_of(database, row["version"])).wheel(name)
        if wheel is None:
            raise LookupError(f"rule version {row['version']} governed draws and has no wheel {name}")
        one = found.setdefault((name, wheel.odds_version), _Counted(wheel, Counter(), row["since"]))
        one.drawn[prize] += row["drawn"]
        one.since = min(one.since, row["since"])
    return found


def _table(wheel: Wheel, counted: _Counted | None, told: Mapping[str, date], *, is_live: bool) -> OddsTable:
    drawn = counted.drawn if counted else Counter[str]()
    draws = sum(drawn.values())
    lines = tuple(
        Line(prize.id, prize.name, prize.odds_ppm, drawn[prize.id], draws * prize.odds_ppm / PPM)
        for prize in wheel.by_slot
    )
    return OddsTable(
        wheel.id, wheel.name, wheel.odds_version, lines, is_live, counted.since if counted else None,
        told.get(f"{wheel.id}:{wheel.odds_version}"),
    )  # fmt: skip


def by_wheel(tables: Iterable[OddsTable]) -> dict[str, list[OddsTable]]:
    """The tables of each wheel, in their order."""
    found: dict[str, list[OddsTable]] = defaultdict(list)
    for one in tables:
        found[one.wheel].append(one)
    return dict(found)
