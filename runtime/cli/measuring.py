"""`jifen bench`: measures how fast this machine runs the program."""

import json
from typing import Annotated

import typer

from base.settings import load_settings
from runtime.cli.arguments import AsJson
from runtime.cli.starting import err, out


def bench(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="小数据量，前九项，两分钟之内")] = False,
    as_json: AsJson = False,
    only: Annotated[str | None, typer.Option(help="只测这几项，用逗号隔开")] = None,
    members: Annotated[int | None, typer.Option(help="会员数")] = None,
    seconds: Annotated[float | None, typer.Option(help="每一轮的秒数")] = None,
) -> None:
    """测量这台机器跑得多快：自建数据和服务器，与 pgbench 写同样的行相比。

    不带 --quick、--members 和 --seconds 的测量会把结果写进 docs/performance.md；--only 只更新那几项。
    有一项没有测成时，其余各项的结果照样给出，并以状态 1 结束。
    """
    from bench.bench import Size
    from bench.errors import BenchError
    from bench.measures import chosen
    from bench.report import docs_folder, table, write_docs
    from bench.run import run_bench

    try:
        size = Size.of(quick=quick, members=members, seconds=seconds)
        result = run_bench(load_settings().data_dir / "bench", size, chosen(only, quick=quick), err)
    except BenchError as error:
        err.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None
    docs = docs_folder()
    if size.standard and docs is not None:
        write_docs(docs, result)
    if as_json:
        out.print_json(json.dumps(result, ensure_ascii=False))
    else:
        out.print(table(result))
    for failed in result["failed"]:
        err.print(f"[red]{failed['name']} 没有测成：{failed['reason']}[/red]")
    if result["failed"]:
        raise typer.Exit(1)
