"""`jifen numbers <page>`: what the console's pages of numbers show, on the screen or in a file."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from base.settings import Settings
from loyalty.ledger.calendar import business_day
from loyalty.ledger.words import number
from models.database import open_database
from runtime.cli.arguments import Overwrite
from runtime.cli.spans import First, Last, span
from runtime.cli.starting import out, run, started

if TYPE_CHECKING:
    from loyalty.numbers.sheets import Cell, Sheet
    from runtime.cli.number_reads import Asked, Read

File = Annotated[
    Path | None, typer.Option("--csv", "--file", metavar="文件", help="写进文件，以 .csv 或 .xlsx 结尾")
]


def show_page(
    page: "Read",
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


async def _read(page: "Read", settings: Settings, now: datetime, first: date, last: date) -> "Sheet":
    from loyalty.programme.in_force.live import rules_between
    from runtime.cli.number_reads import Asked

    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        live = (await rules_between(pool, now, now, settings.timezone)).at(now)
        return await page(Asked(pool, first, last, live.rules, now, settings))


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


PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "overview": ("总览", "今天到现在，和上周同一天的同一时刻比。"),
    "members": ("会员", "活跃度、流失率、复购率和投入产出比。"),
    "segments": ("会员分层", "每个等级里高价值、中活跃、低活跃、流失风险的会员各有多少。"),
    "cohorts": ("复购", "每个月的新买家，后来每个月还有多少来买。"),
    "funnel": ("漏斗", "得到积分的会员，有多少用过，又有多少用过再来买。"),
    "stale": ("滞销", "多少积分一直没有用掉，和行业参考比，以及为什么。"),
    "liability": ("积分负债", "会员手里还有多少积分，折合多少钱，哪个月到期。"),
    "costs": ("礼品成本", "兑换和核销的礼品花了多少成本。"),
    "ranking": ("活动排行", "哪个活动带来的积分流转最多。"),
    "liked": ("兑换偏好", "会员最爱换什么。"),
    "hours": ("活跃时段", "会员在星期几、几点来。"),
    "alerts": ("异常", "哪天有什么数目远高于平时。"),
    "stock": ("库存", "每件礼品和限量奖品一共多少、领走多少、还剩多少。"),
    "odds": ("概率", "每个游戏实际抽中的比例，和公示的概率比。"),
}
"""The pages by their command: the title, and what it shows. number_reads.READS reads them."""


def add_pages(app: typer.Typer) -> None:
    """Add a command for each page, and one that compares two versions or campaigns."""
    for name, (title, help_text) in PAGES.items():
        app.command(name, help=help_text)(_command(name, title))
    app.command("compare")(compare_two)


def _command(name: str, title: str) -> Callable[..., None]:
    async def page(asked: "Asked") -> "Sheet":
        from runtime.cli.number_reads import READS

        return await READS[name](asked)

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

    async def page(asked: "Asked") -> "Sheet":
        from loyalty.numbers.comparing import compare
        from loyalty.numbers.page_sheets import comparison_sheet

        sides = await compare(asked.pool, dimension, (one, other), asked.first, asked.last, asked.rules)
        return comparison_sheet(*sides)

    show_page(page, "对比", first, last, file, overwrite=overwrite)
    out.print(NO_CONTROL, markup=False)
