"""The pages of numbers as tables, for the command line and files."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from loyalty.ledger.words import number, odds_text
from loyalty.numbers.alerts import Alert
from loyalty.numbers.cohorts import Cohort, Stage
from loyalty.numbers.comparing import Side, differences, turnover
from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.habits import Hours, Liked
from loyalty.numbers.liability import Cost, Outstanding
from loyalty.numbers.members import SEGMENT_NAMES, SEGMENTS, Matrix, Rates
from loyalty.numbers.odds import OddsTable
from loyalty.numbers.overview import Overview
from loyalty.numbers.reports import Line
from loyalty.numbers.rule import INDUSTRIES, Figures
from loyalty.numbers.sheets import Cell, Sheet, column_title, yuan_of
from loyalty.numbers.sources import rule_title
from loyalty.numbers.stale import CAUSES, Stale
from loyalty.numbers.totals import Totals
from loyalty.programme.rules import RuleSet

SHOWN_NOW: Final = ("issued", "used", "captured", "redeemed", "verified", "joined", "orders", "sold")
MONTHS: Final = 13
WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
FLOWS: Final[Mapping[str, str]] = {"redeemed": "兑换", "cancelled": "取消", "written_off": "核销"}


def percent(share: float | None) -> str:
    """A share with one decimal; `—` for one that cannot be computed."""
    return "—" if share is None else f"{100 * share:.1f}%"


def change(before: float, now: float) -> str:
    """By how much a number changed, with its sign; `—` where there was nothing before."""
    return "—" if not before else f"{100 * (now / before - 1):+.1f}%"


def _value(totals: Totals, name: str) -> Cell:
    return yuan_of(totals[name]) if DEFINITIONS[name].unit == "元" else totals[name]


def overview_sheet(found: Overview) -> Sheet:
    """总览: today, the same weekday last week up to the same minute, and the change."""
    today, before = found.today, found.before
    rows: list[tuple[Cell, ...]] = [
        (
            column_title(name),
            _value(today.totals, name),
            _value(before.totals, name),
            change(before.totals[name], today.totals[name]),
        )
        for name in SHOWN_NOW
    ]
    rows.append(("来过的会员（人）", today.active, before.active, change(before.active, today.active)))
    return Sheet(("", f"今天到 {found.until}", f"{before.day} 同一时刻", "相差"), tuple(rows))


def rates_sheet(found: Rates, return_on_points: float | None) -> Sheet:
    """会员: how many there are, who is active, who stayed away, who bought again, and what points brought in."""
    brought = "—" if return_on_points is None else f"{return_on_points:.1f} 倍"
    rows: tuple[tuple[Cell, ...], ...] = (
        ("全部会员", number(found.members), "没有并入别人的会员"),
        ("活跃会员", number(found.active), DEFINITIONS["active"].formula),
        ("活跃度", percent(found.activity), DEFINITIONS["activity"].formula),
        ("流失率", percent(found.churn), DEFINITIONS["churn"].formula),
        ("复购率", percent(found.repurchase), DEFINITIONS["repurchase"].formula),
        ("投入产出比", brought, DEFINITIONS["roi"].formula),
    )
    return Sheet(("", "数值", "怎么算"), rows)


def matrix_sheet(found: Matrix, rules: RuleSet) -> Sheet:
    """等级 × 活跃分层, with sums."""
    rows: list[tuple[Cell, ...]] = []
    for tier in rules.tiers:
        members = [found.get((tier.id, segment), 0) for segment in SEGMENTS]
        rows.append((tier.name, *members, sum(members)))
    sums = [sum(found.get((tier.id, segment), 0) for tier in rules.tiers) for segment in SEGMENTS]
    rows.append(("合计", *sums, sum(sums)))
    return Sheet(("等级", *(SEGMENT_NAMES[one] for one in SEGMENTS), "合计"), tuple(rows))


def cohorts_sheet(found: Sequence[Cohort]) -> Sheet:
    """复购: the share of each month's new buyers who bought in each month after."""
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        months = [one.months.get(after) for after in range(1, MONTHS)]
        shares = [percent(month.buyers / one.members) if month else "" for month in months]
        rows.append((f"{one.first:%Y-%m}", one.members, percent(one.repurchase), *shares))
    return Sheet(
        ("首次购买", "会员", "复购率", *(f"第 {after} 月" for after in range(1, MONTHS))), tuple(rows)
    )


def funnel_sheet(found: Sequence[Stage]) -> Sheet:
    """获取 → 兑换 → 复购 by the month of the first points."""
    rows = [
        (
            f"{one.first:%Y-%m}",
            one.got,
            one.used,
            percent(one.used / one.got),
            one.again,
            percent(one.again / one.got),
        )
        for one in found
    ]
    return Sheet(("首次得积分", "得到积分", "用过积分", "占比", "用后再买", "占比"), tuple(rows))


def stale_sheet(found: Stale, figures: Figures) -> Sheet:
    """滞销率 by month of issue, the whole beside the industry's, then the causes."""
    rows: list[tuple[Cell, ...]] = [
        (f"{one.month:%Y-%m}", one.issued, one.unused, percent(one.unused / one.issued))
        for one in found.months
    ]
    rows.append(("合计", found.issued, found.unused, percent(found.rate)))
    rows.append((f"{INDUSTRIES[figures.industry]}参考", None, None, percent(found.reference)))
    for why in found.causes:
        share = why.points / found.unused if found.unused else None
        rows.append(
            (
                f"原因：{CAUSES[why.cause][0]}（{number(why.members)} 位会员）",
                None,
                why.points,
                percent(share),
            )
        )
    return Sheet(("发放月份", "发放（分）", "没有用掉（分）", "占比"), tuple(rows))


def liability_sheet(found: Outstanding) -> Sheet:
    """未使用积分 by bucket, the liability, and what lapses in which month."""
    liability: Cell = "规则里没有写积分成本" if found.liability_fen is None else yuan_of(found.liability_fen)
    rows: list[tuple[Cell, ...]] = [
        ("可用（分）", found.available),
        ("待到账（分）", found.pending),
        ("冻结（分）", found.held),
        ("未使用积分（分）", found.points),
        ("会员欠分（分）", found.debt),
        ("积分负债（元）", liability),
    ]
    rows += [(f"{one.month:%Y-%m} 到期（分）", one.points) for one in found.lapsing]
    return Sheet(("", "数值"), tuple(rows))


def costs_sheet(found: Sequence[Cost], rules: RuleSet) -> Sheet:
    """礼品成本 by reward and flow."""
    rows = [
        (FLOWS[one.flow], rule_title(one.rule, rules), one.pieces, one.points, yuan_of(one.fen))
        for one in found
    ]
    return Sheet(("", "礼品", "份数（份）", "积分（分）", "成本（元）"), tuple(rows))


def comparison_sheet(one: Side, other: Side) -> Sheet:
    """活动对比: the numbers of two sides per day."""
    rows: list[tuple[Cell, ...]] = [("天数", str(one.days), str(other.days), "")]
    for item in differences(one, other):
        is_money = DEFINITIONS[item.name].unit == "元"
        sides = [f"{value / 100:,.2f}" if is_money else f"{value:,.1f}" for value in (item.one, item.other)]
        rows.append((f"每天{column_title(item.name)}", *sides, change(item.one, item.other)))
    return Sheet(("", one.title, other.title, "相差"), tuple(rows))


def ranking_sheet(found: Sequence[Line]) -> Sheet:
    """活动 by their turnover of points."""
    rows = [
        (
            line.title,
            turnover(line.totals),
            line.totals["issued"],
            line.totals["used"] + line.totals["captured"],
        )
        for line in found
    ]
    return Sheet(("活动", "积分流转（分）", "发放（分）", "使用（分）"), tuple(rows))


def liked_sheet(found: Sequence[Liked]) -> Sheet:
    """兑换偏好."""
    rows = [(one.title, one.pieces, one.points, percent(one.share)) for one in found]
    return Sheet(("礼品", "份数（份）", "积分（分）", "占比"), tuple(rows))


def hours_sheet(found: Hours) -> Sheet:
    """活跃时段: acts by hour and weekday."""
    rows: list[tuple[Cell, ...]] = [
        (f"{hour:02d} 点", *(found.get((weekday, hour), 0) for weekday in range(1, 8))) for hour in range(24)
    ]
    return Sheet(("", *WEEKDAYS), tuple(rows))


def alerts_sheet(found: Sequence[Alert]) -> Sheet:
    """异常, newest first."""
    return Sheet(("日期", "说明"), tuple((one.day.isoformat(), one.sentence) for one in found))


def odds_sheet(tables: Sequence[OddsTable]) -> Sheet:
    """Each game's observed draws beside the published odds, the tables in force first."""
    rows = [
        (
            table.name if table.is_live else f"{table.name}（以前的）",
            line.name,
            odds_text(line.published_ppm),
            f"{line.expected:,.1f}",
            line.drawn,
            table.draws,
            table.sentence,
        )
        for table in tables
        for line in table.lines
    ]
    return Sheet(
        ("游戏", "奖品", "公布的概率", "应中约（次）", "实际中（次）", "一共抽（次）", "结果"), tuple(rows)
    )


def months_back(today: date, months: int) -> date:
    """The first day of the month so many months before that of `today`."""
    first = today.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first
