"""The command line: `jifen <command>`; each explains itself with --help.

What only one command needs (a door, the worker, the emulator) is imported when that command runs: together they take seconds. And
nothing that counts may be imported here: a process first shares its metrics, then makes them.
"""

import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import asyncpg
import typer
import uvloop
from rich.console import Console
from rich.progress import Progress
from tortoise.exceptions import DBConnectionError

from jifen.loyalty import publishing
from jifen.loyalty.audit import Report
from jifen.loyalty.audit import audit as run_audit
from jifen.loyalty.transactions import EngineUnavailable
from jifen.models.database import migrate as run_migrations
from jifen.models.database import open_database
from jifen.models.grants import GrantsError, grant_all
from jifen.models.schema import SchemaIncomplete
from jifen.runtime.bench.errors import BenchError
from jifen.runtime.clock import Clock, ClockError, OffsetClock, SystemClock
from jifen.runtime.demo import accounts
from jifen.runtime.logs import set_up_logs
from jifen.runtime.metrics import share_metrics
from jifen.runtime.servers import ServersError, running_servers
from jifen.runtime.settings import Settings, SettingsError, load_settings
from jifen.runtime.supervisor import KeepsFailing
from jifen.wechat.errors import ApiError

if TYPE_CHECKING:
    from jifen.runtime.resources import Resources

app = typer.Typer(
    help="积分 Jifen：微信里的积分计划。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out, err = Console(), Console(stderr=True)

T = TypeVar("T")
KNOWN = (
    SettingsError, ServersError, ClockError, SchemaIncomplete, GrantsError, KeepsFailing, publishing.NotPublished,
    BenchError,
)  # fmt: skip
DATABASE_AWAY = (
    EngineUnavailable,
    DBConnectionError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ConnectionError,
)
EMBEDDED_CONNECTIONS = 70
"""What the processes of a server may share of our own database's hundred; the worker and short commands need the rest."""

WORKER_METRICS = "同时提供 /metrics：这台机器上没有 jifen serve 时用。"
Demo = Annotated[bool, typer.Option("--demo", help="按演示的账号和时钟运行（由 jifen demo 使用）。")]


def main() -> None:
    """Run the command line; a known error ends in a sentence and exit code 1, never in a traceback."""
    try:
        app()
    except KNOWN as error:
        err.print(f"[red]{error}[/red]")
    except DATABASE_AWAY as error:
        err.print(
            f"[red]数据库连不上或没有回应（{type(error).__name__}），请检查 JIFEN_DATABASE_URL 和数据库是否在运行。[/red]"
        )
    except ApiError as error:
        err.print(f"[red]微信没有办成这件事：{error}[/red]")
    except OSError as error:
        err.print(f"[red]系统拒绝了这个操作：{error}[/red]")
    else:
        return
    raise SystemExit(1)


@app.command()
def demo() -> None:
    """启动完整的演示：数据库、服务、后台任务和模拟微信，Ctrl-C 全部停止。"""
    from jifen.runtime.demo.run import run_demo

    run_demo(load_settings())


@app.command()
def serve(
    *,
    workers: Annotated[int, typer.Option(min=1, max=64, help="在同一个端口上运行几个进程")] = 1,
    demo: Demo = False,
    process: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """启动网页服务：公众号消息、小程序接口。

    多个进程由一个主进程照看：退出的会重新启动，Ctrl-C 或 SIGTERM 一起停下。
    """
    name = f"serve-{process}" if process else "serve"
    set_up_logs(name)
    with started(demo=demo, processes=workers) as (settings, clock):
        share_metrics(settings.data_dir, name)
        from jifen.runtime import serving

        if process:
            run(serving.serve_as_one_of(settings, clock))
        elif workers == 1:
            run(serving.serve_alone(settings, clock))
        else:
            run(serving.serve_together(settings, clock, workers, demo=demo))


@app.command()
def worker(
    *,
    metrics: Annotated[bool, typer.Option("--metrics", help=WORKER_METRICS)] = False,
    demo: Demo = False,
) -> None:
    """启动后台任务：到期、提醒、送达。"""
    set_up_logs("worker")
    with started(demo=demo) as (settings, clock):
        share_metrics(settings.data_dir, "worker")
        from jifen.runtime import serving

        run(serving.work(settings, clock, show_metrics=metrics))


@app.command()
def emulator() -> None:
    """启动模拟微信和手机页面（只用于演示和测试）。"""
    from jifen.emulator.app import create_app
    from jifen.emulator.app import serve as serve_emulator

    set_up_logs("emulator")
    settings = accounts.demo_settings(load_settings())
    clock = OffsetClock(accounts.clock_path(settings))
    config = accounts.emulator_config(settings)
    application = create_app(config, clock.now, clock.advance)
    run(serve_emulator(application, settings.emulator_port))


@app.command()
def migrate(
    *,
    app_role: Annotated[str, typer.Option(metavar="角色", help="再把应用所需的权限授给这个数据库角色")] = "",
) -> None:
    """把数据库结构升级到最新。

    正式环境里用表的主人来运行它，并用 --app-role 写明服务所用的角色：那个角色不能改动或删除任何一笔账。
    """
    with running_servers(load_settings()) as servers:
        run(run_migrations(servers.database_url))
        if app_role:
            run(grant_all(servers.database_url, app_role))
            out.print(f"角色 {app_role} 的权限已是应有的样子。", markup=False)
    out.print("数据库结构已是最新。")


@app.command()
def menu(*, demo: Demo = False) -> None:
    """在公众号里创建自定义菜单。"""
    with started(demo=demo) as (settings, clock):
        run(_with_resources(settings, clock, _create_menu))
    out.print("菜单已创建，手机上最多五分钟后可见。")


@app.command()
def rules(
    file: Annotated[Path, typer.Argument(help="规则文件（YAML）")],
    *,
    reason: Annotated[str, typer.Option(help="为什么调整，会留在记录里")] = "",
    base: Annotated[int, typer.Option(help="这份规则是在第几版上修改的；第一版填 0")] = -1,
    publish: Annotated[bool, typer.Option("--publish", help="检查之后发布；不写 --from 就立即生效")] = False,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="从何时起生效（当地时间）"),
    ] = None,
) -> None:
    """检查一份规则文件；加 --publish 发布为新版本，加 --from 让它到时候再生效。

    发布要写明它改自哪一版（--base）：这期间别人发布过新版本时会被拒绝，不会悄悄盖掉。
    """
    draft = publishing.read_rules(file)
    out.print(f"规则没有问题：{len(draft.wheels)} 个转盘，{len(draft.rewards)} 件礼品。")
    if not publish:
        return
    if not reason or base < 0:
        raise publishing.InvalidRules("发布需要写明原因和改自哪一版：--reason '…' --base N（第一版填 0）")
    from jifen.loyalty.engine import Engine

    with started(demo=False, accounts_needed=False) as (settings, clock):
        starts = since.replace(tzinfo=settings.timezone) if since else None

        async def publish_draft() -> tuple[int, list[tuple[int, datetime]]]:
            async with (
                open_database(settings.database_url or "") as pool,
                Engine(pool, clock, settings.timezone) as engine,
            ):
                number = await engine.publish(
                    draft, base=base, by="operator", reason=reason, effective_from=starts
                )
                return number, await publishing.scheduled(pool, clock.now())

        number, waiting = run(publish_draft())
        out.print(f"已发布为第 {number} 版，{'到时候' if starts else '立即'}生效。")
        for version, begins in waiting:
            out.print(f"第 {version} 版定于 {begins.astimezone(settings.timezone):%Y-%m-%d %H:%M} 起生效。")


@app.command()
def audit(*, as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False) -> None:
    """核对账本的每一条不变式；有问题时逐条列出，并以 1 退出。"""
    with started(demo=False, accounts_needed=False) as (settings, clock):
        report = run(_audit(settings.database_url or "", clock, quiet=as_json))
    print_report(report, as_json=as_json)
    raise typer.Exit(1 if report.violations else 0)


@app.command()
def bench(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="小数据量，前四项，一分钟之内")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
    only: Annotated[str | None, typer.Option(help="只测这几项，用逗号隔开")] = None,
    members: Annotated[int | None, typer.Option(help="会员数")] = None,
    seconds: Annotated[float | None, typer.Option(help="每一轮的秒数")] = None,
) -> None:
    """测量这台机器跑得多快：自建数据和服务器，与 pgbench 写同样的行相比。

    不带 --quick、--members 和 --seconds 的测量会把结果写进 docs/performance.md；--only 只更新那几项。
    """
    from jifen.runtime.bench.bench import Size
    from jifen.runtime.bench.measures import chosen
    from jifen.runtime.bench.report import docs_folder, table, write_docs
    from jifen.runtime.bench.run import run_bench

    size = Size.of(quick=quick, members=members, seconds=seconds)
    result = run_bench(load_settings().data_dir / "bench", size, chosen(only, quick=quick), err)
    docs = docs_folder()
    if size.standard and docs is not None:
        write_docs(docs, result)
    if as_json:
        out.print_json(json.dumps(result, ensure_ascii=False))
    else:
        out.print(table(result))


def print_report(report: Report, *, as_json: bool) -> None:
    """The audit's findings, for a person or a program."""
    if as_json:
        found = [vars(violation) for violation in report.violations]
        looked_at = {"accounts": report.accounts, "entries": report.entries, "draws": report.draws}
        out.print_json(json.dumps({**looked_at, "violations": found}, ensure_ascii=False))
        return
    for violation in report.violations:
        whose = f"会员 {violation.member_id}：" if violation.member_id else ""
        out.print(f"[red]{violation.invariant}[/red] {whose}{violation.detail}")
    looked = f"{report.accounts} 个账户，{report.entries} 笔流水，{report.draws} 次抽奖"
    verdict = f"发现 {len(report.violations)} 处问题" if report.violations else "全部相符"
    out.print(f"核对了 {looked}：{verdict}。")


@contextmanager
def started(
    *, demo: bool, accounts_needed: bool = True, processes: int = 1
) -> Iterator[tuple[Settings, Clock]]:
    """Settings with addresses in them (embedded servers running where none were given), and the clock to go by.

    `processes` will share the database: our own has room for a hundred connections in all.
    The demo's clock is for the demo's own rows: never for a database that was named, whatever lies in the data folder.
    """
    settings = load_settings()
    if demo:
        settings = accounts.demo_settings(settings)
    elif accounts_needed:
        settings.require_production()
    path = accounts.clock_path(settings)
    of_demo = demo or (settings.database_url is None and path.exists())
    clock: Clock = OffsetClock(path) if of_demo else SystemClock()
    with ExitStack() as stack:
        servers = stack.enter_context(running_servers(settings))
        found: dict[str, Any] = {"database_url": servers.database_url, "redis_url": servers.redis_url}
        if settings.database_url is None:
            found["ledger_guard"] = "off"  # our own database has one role, and no other machine reaches it
            found["database_pool"] = min(settings.database_pool, max(2, EMBEDDED_CONNECTIONS // processes))
        yield settings.model_copy(update=found), clock


async def _with_resources(
    settings: Settings, clock: Clock, work: "Callable[[Resources], Awaitable[None]]"
) -> None:
    from jifen.runtime.resources import open_resources

    async with open_resources(settings, clock) as resources:
        await work(resources)


async def _create_menu(resources: "Resources") -> None:
    from jifen.bot import menu as bot_menu

    await bot_menu.create(resources.official_account, resources.settings)


async def _audit(database_url: str, clock: Clock, *, quiet: bool) -> Report:
    async with open_database(database_url, command_timeout_s=None) as pool:
        with Progress(console=err, disable=quiet, transient=True) as progress:
            bar = progress.add_task("", total=None)

            def show(what: str, done: int, total: int) -> None:
                progress.update(bar, description=what, completed=done, total=total)

            return await run_audit(pool, clock.now(), show)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop."""
    return uvloop.run(work)


if __name__ == "__main__":
    main()
