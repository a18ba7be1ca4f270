"""`jifen numbers <page>`: what the console's pages of numbers show, on the screen or in a file."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.table import Table

from base.settings import Settings
from loyalty.ledger.calendar import business_day
from loyalty.ledger.words import number
from models.database import open_database
from runtime.cli.starting import err, out, run, started

if TYPE_CHECKING:
    import asyncpg

    from loyalty.numbers.sheets import Cell, Sheet
    from loyalty.programme.rules import RuleSet

DAYS = 30

First = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="从哪一天起，算上这一天；不写就是 30 天前"),
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="到哪一天为止，算上这一天；不写就是今天"),
]
File = Annotated[
    Path | None, typer.Option("--csv", "--file", metavar="文件", help="写进文件，以 .csv 或 .xlsx 结尾")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="文件已经有了就换掉它")]


class Asked(NamedTuple):
    """What a page reads with: the pool, the span of days, the rules in force, the instant, and the settings."""

    pool: "asyncpg.Pool"
    first: date
    last: date
    rules: "RuleSet"
    now: datetime
    settings: Settings


Page = Callable[[Asked], Awaitable["Sheet"]]


def show_page(
    page: Page,
    title: str,
    first: datetime | None,
    last: datetime | None,
    file: Path | None,
    *,
    overwrite: bool,
) -> None:
    """Read a page and show it."""
    with started(demo=False, accounts_needed=False) as (settings, clock):
        now = clock.now()
        since, until = span(first, last, business_day(now, settings.timezone))
        sheet = run(_read(page, settings, now, since, until))
    show(sheet, f"{title} {since} 至 {until}", file, overwrite=overwrite)


async def _read(page: Page, settings: Settings, now: datetime, first: date, last: date) -> "Sheet":
    from loyalty.programme.live import rules_between

    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        live = (await rules_between(pool, now, now, settings.timezone)).at(now)
        return await page(Asked(pool, first, last, live.rules, now, settings))


def span(first: datetime | None, last: datetime | None, today: date) -> tuple[date, date]:
    """The days that the options name; the last DAYS without them. Ends the command if they are the wrong way round."""
    until = last.date() if last else today
    since = first.date() if first else until - timedelta(days=DAYS - 1)
    if since > until:
        err.print("--from 不能在 --to 之后。", style="red", markup=False)
        raise typer.Exit(1)
    return since, until


def show(sheet: "Sheet", title: str, file: Path | None, *, overwrite: bool) -> None:
    """Print a table, or write it into a file."""
    if file is not None:
        _write(sheet, file, overwrite=overwrite)
        return
    table = Table(*sheet.header, title=title)
    for row in sheet.rows:
        table.add_row(*map(_text, row))
    out.print(table)


def _text(cell: "Cell") -> str:
    if cell is None:
        return ""
    return number(cell) if isinstance(cell, int) else str(cell)


def _write(sheet: "Sheet", file: Path, *, overwrite: bool) -> None:
    from moving.tables import NewFile

    with NewFile(file, overwrite=overwrite) as table:
        table.write(sheet.header)
        for row in sheet.rows:
            table.write(row)
    out.print(f"已写出 {number(len(sheet.rows))} 行：{file}", markup=False, highlight=False, soft_wrap=True)


async def overview_page(asked: Asked) -> "Sheet":
    """总览."""
    from loyalty.numbers.overview import overview
    from loyalty.numbers.page_sheets import overview_sheet

    return overview_sheet(await overview(asked.pool, asked.now, asked.settings.timezone))


async def members_page(asked: Asked) -> "Sheet":
    """会员."""
    from loyalty.numbers.members import rates, roi
    from loyalty.numbers.page_sheets import rates_sheet
    from loyalty.numbers.reports import by_dimension

    figures = asked.rules.figures
    found = await rates(asked.pool, asked.first, asked.last, figures.activity)
    whole = (await by_dimension(asked.pool, asked.first, asked.last, "month", asked.rules)).whole
    return rates_sheet(found, roi(whole, figures.point_cost_fen))


async def segments_page(asked: Asked) -> "Sheet":
    """等级和活跃分层."""
    from loyalty.numbers.members import matrix
    from loyalty.numbers.page_sheets import matrix_sheet

    return matrix_sheet(await matrix(asked.pool, asked.last, asked.rules), asked.rules)


async def cohorts_page(asked: Asked) -> "Sheet":
    """复购, of the twelve months before the last day."""
    from loyalty.numbers.cohorts import cohorts
    from loyalty.numbers.page_sheets import cohorts_sheet, months_back

    return cohorts_sheet(await cohorts(asked.pool, months_back(asked.last, 12), asked.last))


async def funnel_page(asked: Asked) -> "Sheet":
    """漏斗, of the twelve months before the last day."""
    from loyalty.numbers.cohorts import funnel
    from loyalty.numbers.page_sheets import funnel_sheet, months_back

    return funnel_sheet(await funnel(asked.pool, months_back(asked.last, 12), asked.last))


async def stale_page(asked: Asked) -> "Sheet":
    """滞销."""
    from loyalty.numbers.page_sheets import stale_sheet
    from loyalty.numbers.stale import stale

    cheapest = min((one.price_points for one in asked.rules.rewards), default=None)
    found = await stale(asked.pool, asked.last, asked.rules.figures, cheapest)
    return stale_sheet(found, asked.rules.figures)


async def liability_page(asked: Asked) -> "Sheet":
    """负债."""
    from loyalty.numbers.liability import outstanding
    from loyalty.numbers.page_sheets import liability_sheet

    return liability_sheet(await outstanding(asked.pool, asked.rules.figures.point_cost_fen))


async def costs_page(asked: Asked) -> "Sheet":
    """礼品成本."""
    from loyalty.numbers.liability import costs
    from loyalty.numbers.page_sheets import costs_sheet

    return costs_sheet(await costs(asked.pool, asked.first, asked.last), asked.rules)


async def ranking_page(asked: Asked) -> "Sheet":
    """活动排行."""
    from loyalty.numbers.comparing import ranked_campaigns
    from loyalty.numbers.page_sheets import ranking_sheet

    return ranking_sheet(await ranked_campaigns(asked.pool, asked.first, asked.last, asked.rules))


async def liked_page(asked: Asked) -> "Sheet":
    """兑换偏好."""
    from loyalty.numbers.habits import liked_rewards
    from loyalty.numbers.page_sheets import liked_sheet

    return liked_sheet(await liked_rewards(asked.pool, asked.first, asked.last, asked.rules))


async def hours_page(asked: Asked) -> "Sheet":
    """活跃时段."""
    from loyalty.numbers.habits import busy_hours
    from loyalty.numbers.page_sheets import hours_sheet

    return hours_sheet(await busy_hours(asked.pool, asked.first, asked.last))


async def alerts_page(asked: Asked) -> "Sheet":
    """异常."""
    from loyalty.numbers.alerts import alerts
    from loyalty.numbers.page_sheets import alerts_sheet

    return alerts_sheet(await alerts(asked.pool, asked.first, asked.last))


async def odds_page(asked: Asked) -> "Sheet":
    """概率."""
    from loyalty.numbers.odds import observed_odds
    from loyalty.numbers.page_sheets import odds_sheet

    return odds_sheet(await observed_odds(asked.pool, asked.rules), asked.rules)


PAGES: dict[str, tuple[Page, str, str]] = {
    "overview": (overview_page, "总览", "今天到现在，和上周同一天的同一时刻比。"),
    "members": (members_page, "会员", "活跃度、流失率、复购率和投入产出比。"),
    "segments": (segments_page, "会员分层", "每个等级里高价值、中活跃、低活跃、流失风险的会员各有多少。"),
    "cohorts": (cohorts_page, "复购", "每个月的新买家，后来每个月还有多少来买。"),
    "funnel": (funnel_page, "漏斗", "得到积分的会员，有多少用过，又有多少用过再来买。"),
    "stale": (stale_page, "滞销", "多少积分一直没有用掉，和行业参考比，以及为什么。"),
    "liability": (liability_page, "积分负债", "会员手里还有多少积分，折合多少钱，哪个月到期。"),
    "costs": (costs_page, "礼品成本", "兑换和核销的礼品花了多少成本。"),
    "ranking": (ranking_page, "活动排行", "哪个活动带来的积分流转最多。"),
    "liked": (liked_page, "兑换偏好", "会员最爱换什么。"),
    "hours": (hours_page, "活跃时段", "会员在星期几、几点来。"),
    "alerts": (alerts_page, "异常", "哪天有什么数目远高于平时。"),
    "odds": (odds_page, "概率", "每个游戏实际抽中的比例，和公示的概率比。"),
}
"""The pages by their command: how each is read, its title, and what it shows."""


def add_pages(app: typer.Typer) -> None:
    """Add a command for each page, and one that compares two versions or campaigns."""
    for name, (page, title, help_text) in PAGES.items():
        app.command(name, help=help_text)(_command(page, title))
    app.command("compare")(compare_two)


def _command(page: Page, title: str) -> Callable[..., None]:
    def show_this(
        *, first: First = None, last: Last = None, file: File = None, overwrite: Overwrite = False
    ) -> None:
        show_page(page, title, first, last, file, overwrite=overwrite)

    return show_this


def compare_two(
    one: Annotated[
        str, typer.Argument(metavar="甲", help="规则版本的号码，或活动的编号（见 --by campaign）")
    ],
    other: Annotated[str, typer.Argument(metavar="乙", help="要比的另一个")],
    *,
    first: First = None,
    last: Last = None,
    file: File = None,
    overwrite: Overwrite = False,
) -> None:
    """比较两个规则版本或两个活动：同样的数目，按天平均。

    例：jifen numbers compare 3 4 --from 2026-11-01

    例：jifen numbers compare wheel:lucky earn:double11
    """
    from loyalty.numbers.comparing import NO_CONTROL, Comparable

    numeric = (one.isdecimal(), other.isdecimal())
    if numeric[0] != numeric[1]:
        raise typer.BadParameter("两个都写规则版本的号码，或者都写活动的编号。")
    dimension: Comparable = "version" if numeric[0] else "campaign"

    async def page(asked: Asked) -> "Sheet":
        from loyalty.numbers.comparing import compare
        from loyalty.numbers.page_sheets import comparison_sheet

        sides = await compare(asked.pool, dimension, (one, other), asked.first, asked.last, asked.rules)
        return comparison_sheet(*sides)

    show_page(page, "对比", first, last, file, overwrite=overwrite)
    out.print(NO_CONTROL, markup=False)
