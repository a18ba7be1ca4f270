"""`jifen numbers` shows the programme's numbers or writes them into a file; `jifen stats rebuild` computes the daily facts anew."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from base.clock import Clock
from base.settings import Settings
from loyalty.ledger.calendar import business_day
from loyalty.ledger.words import number
from models.database import open_database
from runtime.cli.starting import err, out, run, started

if TYPE_CHECKING:
    from loyalty.numbers.reports import Dimension
    from loyalty.numbers.sheets import Cell, Sheet

app = typer.Typer(
    help="经营数据：每天发放、使用、过期、核销了多少，按门店、渠道、活动等分开看。",
    invoke_without_command=True,
)
stats = typer.Typer(help="经营数据背后的每日统计。", no_args_is_help=True)

DAYS: Final = 30
NO_FACTS: Final = "这段日子没有数据。统计由 jifen worker 每隔几秒更新一次；如果它没有运行，请先启动它。"


@app.callback()
def show_numbers(
    context: typer.Context,
    *,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="从哪一天起，算上这一天；不写就是 30 天前"),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="到哪一天为止，算上这一天；不写就是今天"),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="按什么分开：day 日、week 周、month 月、store 门店、region 区域、channel 渠道、tier 等级、rule 规则、"
            "campaign 活动、version 规则版本",
        ),
    ] = "day",
    file: Annotated[
        Path | None, typer.Option("--csv", "--file", metavar="文件", help="写进文件，以 .csv 或 .xlsx 结尾")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="文件已经有了就换掉它")] = False,
) -> None:
    """一段日子的经营数据，按日期、门店、渠道、等级、规则或活动分开。

    例：jifen numbers --from 2026-11-01 --to 2026-11-30 --by store

    例：jifen numbers --by campaign --csv 活动.csv
    """
    if context.invoked_subcommand is not None:
        return
    dimension = _dimension(by)
    with started(demo=False, accounts_needed=False) as (settings, clock):
        since, until = _span(first, last, business_day(clock.now(), settings.timezone))
        sheet = run(_read(settings, clock, since, until, dimension))
    show(sheet, f"{since} 至 {until}", file, overwrite=overwrite)


def _dimension(text: str) -> "Dimension":
    from loyalty.numbers.reports import DIMENSIONS

    found = next((one for one in DIMENSIONS if one == text), None)
    if found is None:
        raise typer.BadParameter(f"--by 没有 {text}，可以写：{'、'.join(DIMENSIONS)}。")
    return found


def _span(first: datetime | None, last: datetime | None, today: date) -> tuple[date, date]:
    until = last.date() if last else today
    since = first.date() if first else until - timedelta(days=DAYS - 1)
    if since > until:
        err.print("--from 不能在 --to 之后。", style="red", markup=False)
        raise typer.Exit(1)
    return since, until


async def _read(
    settings: Settings, clock: Clock, since: date, until: date, dimension: "Dimension"
) -> "Sheet":
    from loyalty.numbers.reports import by_dimension
    from loyalty.numbers.sheets import report_sheet
    from loyalty.programme.live import rules_between

    async with open_database(settings.database_url or "") as pool:
        now = clock.now()
        live = (await rules_between(pool, now, now, settings.timezone)).at(now)
        return report_sheet(await by_dimension(pool, since, until, dimension, live.rules))


def show(sheet: "Sheet", title: str, file: Path | None, *, overwrite: bool) -> None:
    """Print a table, or write it into a file."""
    if file is not None:
        _write(sheet, file, overwrite=overwrite)
        return
    table = Table(*sheet.header, title=title)
    for row in sheet.rows:
        table.add_row(*map(_text, row))
    out.print(table)
    if len(sheet.rows) <= 1:
        out.print(NO_FACTS, markup=False)


def _text(cell: "Cell") -> str:
    if cell is None:
        return "—"
    return number(cell) if isinstance(cell, int) else str(cell)


def _write(sheet: "Sheet", file: Path, *, overwrite: bool) -> None:
    from moving.tables import NewFile

    with NewFile(file, overwrite=overwrite) as table:
        table.write(sheet.header)
        for row in sheet.rows:
            table.write(row)
    out.print(f"已写出 {number(len(sheet.rows))} 行：{file}", markup=False, highlight=False, soft_wrap=True)


@stats.callback()
def statistics() -> None:
    """Keep `rebuild` a command of its own, though it is the only one."""


@stats.command("rebuild")
def rebuild_facts() -> None:
    """从头重算每日统计，并和原来的比较；算的时候页面仍看得到原来的。中断了再运行一次，会接着算。"""
    from loyalty.numbers.rebuild import rebuild

    async def go(settings: Settings, clock: Clock) -> int:
        async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
            with Progress(
                SpinnerColumn(), TextColumn("{task.description}"), console=err, transient=True
            ) as progress:
                task = progress.add_task("重算")
                told = await rebuild(
                    pool, clock.now(), settings.timezone,
                    lambda receipts: progress.update(task, description=f"已读 {number(receipts)} 张凭据"),
                )  # fmt: skip
        different = sum(told.different.values())
        out.print(f"重算完了，读了 {number(told.receipts)} 张凭据。", markup=False)
        return different

    with started(demo=False, accounts_needed=False) as (settings, clock):
        different = run(go(settings, clock))
    if different:
        err.print(f"与原来的有 {number(different)} 处不同，现在用的是重算的。", style="yellow", markup=False)
        raise typer.Exit(1)
    out.print("与原来的完全一样。", markup=False)
