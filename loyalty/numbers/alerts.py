"""异常: numbers of a day far above the usual (N07), each noted once; and the result of each night's reconciliation (N14)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final, NamedTuple

import asyncpg

from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.feed import shown_edition
from loyalty.numbers.totals import COLUMNS

WATCHED: Final[Mapping[str, int]] = {
    "redeemed": 20, "joined": 50, "issued": 2000, "used": 2000, "captured": 2000, "given_by_hand": 2000,
}  # fmt: skip
"""The numbers that are watched, and from which size on they are worth an alert."""
TIMES_USUAL: Final = 5
LOOK_BACK: Final = timedelta(days=28)
LEAST_DAYS: Final = 7
"""Without facts of so many days before, nobody knows what is usual."""

BY_DAY: Final = """
SELECT day, flow, sum(points)::bigint AS points, sum(times)::bigint AS times FROM minute_fact
WHERE edition = $1 AND day >= $2 AND day <= $3 AND flow = ANY($4::text[]) GROUP BY day, flow
"""
FIRST_DAY: Final = "SELECT min(day) FROM minute_fact WHERE edition = $1"
NOTE: Final = """
INSERT INTO number_alert (day, kind, flow, found, usual, noted_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
"""Once a day, and of the kind `odds` once ever."""
ALERTS: Final = """
SELECT day, kind, flow, found, usual, noted_at FROM number_alert WHERE day >= $1 AND day <= $2 ORDER BY noted_at DESC, kind, flow
"""
RECONCILED: Final = """
INSERT INTO reconciliation (day, differences, detail, noted_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (day) DO UPDATE
SET differences = excluded.differences, detail = excluded.detail, noted_at = excluded.noted_at
"""
RECONCILIATIONS: Final = """
SELECT day, differences, detail, noted_at FROM reconciliation WHERE day >= $1 AND day <= $2 ORDER BY day DESC
"""


class Alert(NamedTuple):
    """A number that stands out: a `spike` above the `usual` of a day, or a `ratio` of points issued and, in `usual`, used.

    Of the kind `odds`, `flow` is the wheel with its table of odds, and `found` the draws that speak against it.
    """

    day: date
    kind: str
    flow: str
    found: int
    usual: int
    noted_at: datetime | None = None

    @property
    def sentence(self) -> str:
        """What operators read."""
        if self.kind == "ratio":
            return (
                f"到 {self.day} 为止的 30 天里发放了 {self.found:,} 分，只用掉 {self.usual:,} 分："
                "发得多、用得少，请看看兑换的门槛。"
            )
        if self.kind == "odds":
            wheel, _, version = self.flow.partition(":")
            return (
                f"转盘 {wheel} 的概率表 {version} 抽了 {self.found:,} 次，实际中奖与公布的概率不符，单凭运气几乎不会这样。"
                "会员在概率公示页上也看得到：请看对账结果，并请技术人员核对抽奖记录。"
            )
        definition = DEFINITIONS[self.flow]
        unit = definition.unit
        return (
            f"{self.day} 的{definition.title}已到 {self.found:,} {unit}，平时一天约 {self.usual:,} {unit}："
            "请看看是活动带来的，还是有人刷。"
        )


class Reconciled(NamedTuple):
    """A night's audit: how many differences it found, and the first of them."""

    day: date
    differences: int
    detail: str
    noted_at: datetime


def spikes(today: date, by_day: Mapping[str, Mapping[date, int]], first: date) -> list[Alert]:
    """The watched numbers that are at least TIMES_USUAL what is usual.

    `by_day` has their sums; `first` is the first day with facts. Usual is the median of the last
    four weeks, or of the same weekday in them if that is more.
    """
    days = [today - timedelta(days=ahead) for ahead in range(1, LOOK_BACK.days + 1)]
    days = [day for day in days if day >= first]
    if len(days) < LEAST_DAYS:
        return []
    found = []
    for name, least in WATCHED.items():
        sums = by_day.get(name, {})
        weekdays = [day for day in days if day.weekday() == today.weekday()]
        usual = round(max(median(sums.get(day, 0) for day in part) for part in (days, weekdays or days)))
        now = sums.get(today, 0)
        if now >= max(least, TIMES_USUAL * usual):
            found.append(Alert(today, "spike", name, now, usual))
    return found


async def find_spikes(database: asyncpg.Pool, today: date) -> list[Alert]:
    """The spikes of a business day so far."""
    edition = await shown_edition(database)
    first: date | None = await database.fetchval(FIRST_DAY, edition)
    if first is None:
        return []
    flows = [COLUMNS[name][0] for name in WATCHED]
    rows = await database.fetch(BY_DAY, edition, today - LOOK_BACK, today, flows)
    sums: dict[str, dict[date, int]] = defaultdict(dict)
    for name in WATCHED:
        flow, unit = COLUMNS[name]
        sums[name] = {row["day"]: row[unit] for row in rows if row["flow"] == flow}
    return spikes(today, sums, first)


async def note_alert(database: asyncpg.Pool, alert: Alert, now: datetime) -> bool:
    """Store an alert; whether it is new, as each is to be told once."""
    done: str = await database.execute(NOTE, *alert[:5], now)
    return done == "INSERT 0 1"


async def alerts(database: asyncpg.Pool, first: date, last: date) -> list[Alert]:
    """The alerts of a span of days, newest first."""
    return [Alert(*row) for row in await database.fetch(ALERTS, first, last)]


async def note_reconciled(
    database: asyncpg.Pool, day: date, differences: Sequence[str], now: datetime
) -> None:
    """Store what the audit of a night found."""
    await database.execute(RECONCILED, day, len(differences), "\n".join(differences[:20]), now)


async def reconciliations(database: asyncpg.Pool, first: date, last: date) -> list[Reconciled]:
    """The results of a span of nights, newest first."""
    return [Reconciled(*row) for row in await database.fetch(RECONCILIATIONS, first, last)]
