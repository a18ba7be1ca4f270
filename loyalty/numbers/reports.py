"""发放、使用、过期、核销 by one dimension in a span of days (N01, N06), read from the daily facts alone."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, get_args

import asyncpg

from loyalty.numbers.facts import Amount
from loyalty.numbers.feed import shown_edition
from loyalty.numbers.sources import rule_title
from loyalty.numbers.totals import Totals, sum_of
from loyalty.programme.rules import RuleSet

Dimension = Literal[
    "day", "week", "month", "store", "region", "channel", "tier", "rule", "campaign", "version"
]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
TITLES: Final[Mapping[Dimension, str]] = {
    "day": "日期",
    "week": "周",
    "month": "月",
    "store": "门店",
    "region": "区域",
    "channel": "渠道",
    "tier": "等级",
    "rule": "规则",
    "campaign": "活动",
    "version": "规则版本",
}
UNKNOWN: Final[Mapping[Dimension, str]] = {
    "store": "不分门店",
    "region": "不分区域",
    "channel": "不分渠道",
    "tier": "没有等级记录",
    "rule": "不分规则",
    "campaign": "不属于活动",
}
CHANNELS: Final[Mapping[str, str]] = {
    "oa": "公众号",
    "miniapp": "小程序",
    "pos": "收银台",
    "partner": "门店和合作方上报",
    "import": "导入",
    "operator": "运营人员",
    "system": "系统",
}
EXPRESSIONS: Final[Mapping[Dimension, str]] = {
    "day": "day::text",
    "week": "date_trunc('week', day)::date::text",
    "month": "to_char(day, 'YYYY-MM')",
    "version": "version::text",
}
SELECT: Final = """
SELECT {part} AS part, flow, sum(points)::bigint AS points, sum(times)::bigint AS times, sum(fen)::bigint AS fen FROM daily_fact
WHERE edition = $1 AND day >= $2 AND day <= $3 GROUP BY 1, 2
"""


class Line(NamedTuple):
    """A part of a dimension: its id, its Chinese title, and its numbers."""

    part: str
    title: str
    totals: Totals


class Report(NamedTuple):
    """The parts of a dimension, and the whole, which is their sum."""

    dimension: Dimension
    lines: tuple[Line, ...]
    whole: Totals


async def by_dimension(
    database: asyncpg.Pool, first: date, last: date, dimension: Dimension, rules: RuleSet
) -> Report:
    """The numbers of the days from `first` to `last`, both inclusive, by a dimension; names are those of `rules`.

    Periods come in their order, other parts by what they issued.
    """
    statement = SELECT.format(part=EXPRESSIONS.get(dimension, dimension))
    flows: dict[str, dict[str, Amount]] = defaultdict(dict)
    for part, flow, *amount in await database.fetch(statement, await shown_edition(database), first, last):
        flows[part][flow] = Amount(*amount)
    lines = [Line(part, title_of(dimension, part, rules), Totals(found)) for part, found in flows.items()]
    if dimension in EXPRESSIONS:
        lines.sort(key=lambda line: line.part)
    else:
        lines.sort(key=lambda line: (-line.totals["issued"], line.part))
    return Report(dimension, tuple(lines), sum_of(line.totals for line in lines))


def title_of(dimension: Dimension, part: str, rules: RuleSet) -> str:
    """How operators read a part: the name in the rules in force, else its id."""
    if not part:
        return UNKNOWN.get(dimension, "")
    match dimension:
        case "rule" | "campaign":
            return rule_title(part, rules)
        case "store":
            return next((one.name for one in rules.stores if one.id == part), part)
        case "tier":
            return next((one.name for one in rules.tiers if one.id == part), part)
        case "channel":
            return rules.names.channels.get(part) or CHANNELS.get(part, part)
        case "version":
            return f"第 {part} 版"
        case "week":
            begin = date.fromisoformat(part)
            return f"{begin:%m-%d} 至 {begin + timedelta(days=6):%m-%d}"
    return part
