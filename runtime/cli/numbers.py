"""`jifen numbers` shows the programme's numbers or writes them into a file; `jifen stats rebuild` computes the daily facts anew."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from base.clock import Clock
from base.settings import Settings
from loyalty.ledger.words import number
from models.database import open_database
from runtime.cli.arguments import Overwrite
from runtime.cli.number_pages import File, add_pages, show_page
from runtime.cli.spans import First, Last
from runtime.cli.starting import err, out, run, started

if TYPE_CHECKING:
    from loyalty.numbers.reports import Dimension
    from loyalty.numbers.sheets import Sheet
    from runtime.cli.number_reads import Asked

app = typer.Typer(
    help="经营数据：每天发放、使用、过期、核销了多少，按门店、渠道、活动等分开看。",
    invoke_without_command=True,
)
stats = typer.Typer(help="经营数据背后的每日统计。", no_args_is_help=True)
add_pages(app)


@app.callback()
def show_numbers(
    context: typer.Context,
    *,
    first: First = None,
    last: Last = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="按什么分开：day 日、week 周、month 月、store 门店、region 区域、channel 渠道、tier 等级、rule 规则、"
            "campaign 活动、version 规则版本",
        ),
    ] = "day",
    file: File = None,
    overwrite: Overwrite = False,
) -> None:
    """一段日子的经营数据，按日期、门店、渠道、等级、规则或活动分开。数据比账本晚半分钟，由 jifen worker 更新。

    例：jifen numbers --from 2026-11-01 --to 2026-11-30 --by store

    例：jifen numbers --by campaign --csv 活动.csv
    """
    if context.invoked_subcommand is not None:
        return
    dimension = _dimension(by)

    async def page(asked: "Asked") -> "Sheet":
        from loyalty.numbers.reports import by_dimension
        from loyalty.numbers.sheets import report_sheet

        return report_sheet(await by_dimension(asked.pool, asked.first, asked.last, dimension, asked.rules))

    show_page(page, "经营数据", first, last, file, overwrite=overwrite)


def _dimension(text: str) -> "Dimension":
    from loyalty.numbers.reports import DIMENSIONS

    found = next((one for one in DIMENSIONS if one == text), None)
    if found is None:
        raise typer.BadParameter(f"--by 没有 {text}，可以写：{'、'.join(DIMENSIONS)}。")
    return found


@stats.callback()
def statistics() -> None:
    """Keep `rebuild` a command of its own, though it is the only one."""


@stats.command("rebuild")
def rebuild_facts() -> None:
    """从头重算每日统计，并和原来的比较；算的时候页面仍看得到原来的。中断了再运行一次，会接着算。"""
    with started(demo=False, accounts_needed=False) as (settings, clock):
        different = run(_rebuild(settings, clock))
    if different:
        err.print(f"与原来的有 {number(different)} 处不同，现在用的是重算的。", style="yellow", markup=False)
        raise typer.Exit(1)
    out.print("与原来的完全一样。", markup=False)


async def _rebuild(settings: Settings, clock: Clock) -> int:
    from loyalty.numbers.rebuild import rebuild

    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), console=err, transient=True
        ) as progress:
            task = progress.add_task("重算")

            def tell(receipts: int) -> None:
                progress.update(task, description=f"已读 {number(receipts)} 张凭据")

            told = await rebuild(pool, clock.now(), settings.timezone, tell)
    out.print(f"重算完了，读了 {number(told.receipts)} 张凭据。", markup=False)
    return sum(told.different.values())
