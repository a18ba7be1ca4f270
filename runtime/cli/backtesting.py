"""`jifen rules backtest`: what a rule file would have changed, had it been in force in the last days."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from base.clock import Clock
from base.settings import Settings
from loyalty.programme.files.reading import read_rules
from loyalty.programme.rules import RuleSet
from models.database import open_database
from runtime.cli.starting import err, run, started

if TYPE_CHECKING:
    from loyalty.backtest import Backtest


def backtest(
    file: Annotated[
        Path | None, typer.Argument(help="规则文件（YAML）；不写就按当时各自的规则重算一遍")
    ] = None,
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="重放最近多少天")] = 90,
    processes: Annotated[
        int | None,
        typer.Option("--processes", min=1, max=64, help="用几个进程，不写就每个处理器一个，最多四个"),
    ] = None,
) -> None:
    """假如最近一段时间用的是这份规则，谁会多得，谁会少得。只读，不改动任何东西。

    不写文件时按当时各自生效的规则重算，结果应当和账本一分不差；有差别时以 1 退出。

    例：jifen rules backtest rules.yaml --days 90
    """
    rules = read_rules(file) if file else None
    with started(demo=False, accounts_needed=False) as (settings, clock):
        since = clock.now() - timedelta(days=days)
        found = run(_backtest(settings, clock, rules, since, processes))
    begin = f"{since.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
    from operators.views.backtests import told

    for line in told(found, begin, checking=rules is None):
        typer.echo(line)
    if rules is None and (found.differing or found.stopped):
        raise typer.Exit(1)


async def _backtest(
    settings: Settings, clock: Clock, rules: RuleSet | None, since: datetime, processes: int | None
) -> "Backtest":
    from loyalty.backtest import Plan, Processes, usual_processes
    from loyalty.backtest import backtest as run_backtest

    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        with Progress(console=err, transient=True) as progress:
            bar = progress.add_task("重放", total=None)
            return await run_backtest(
                pool, Plan(rules, since), clock.now(), settings.keyring,
                lambda done, total: progress.update(bar, completed=done, total=total), zone=settings.timezone,
                processes=Processes(processes or usual_processes(), settings),
            )  # fmt: skip
