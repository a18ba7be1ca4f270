"""`jifen jobs`: the long work of the console, which its processes do; here it is listed, stopped and begun again."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

if TYPE_CHECKING:
    from operators.desk import Desk

app = typer.Typer(help="运营后台的任务：导入、导出、回测。", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="编号", min=1, help="任务的编号，见 jifen jobs list")]


@app.command("list")
def list_all() -> None:
    """列出最近的 50 个任务：编号、做什么、状态、做到哪里、谁开始的。"""
    from operators.jobs.rows import STATES, list_jobs

    rows = at_desk(lambda desk: list_jobs(desk.resources.pool)).rows
    table = Table("编号", "任务", "状态", "做到", "谁开始的", box=None)
    for one in rows:
        done = f"{one.done:,} / {one.total:,}" if one.total else f"{one.done:,}"
        table.add_row(str(one.number), one.title, STATES[one.state], done, one.operator)
    out.print(table)


@app.command("stop")
def stop(number: Number) -> None:
    """停下一个任务；它做完手上这一步就停。"""
    from operators.jobs.asking import stop_job

    _do(lambda desk: stop_job(desk, number))
    out.print("任务会在这一步做完以后停下。")


@app.command("restart")
def restart(number: Number) -> None:
    """重新开始一个中断、停止或没有做完的任务，由运营后台的进程去做；导入不会重复记。"""
    from operators.jobs.asking import restart_job

    _do(lambda desk: restart_job(desk, number))
    out.print("重新开始了，运营后台会接着做。")


def _do(deed: "Callable[[Desk], Awaitable[None]]") -> None:
    from operators.jobs.asking import JobFault

    try:
        at_desk(deed)
    except JobFault as fault:
        fail(str(fault))
