"""The command line: `jifen <command>`; each explains itself with --help.

What only one command needs (a door, the worker, the emulator) is imported when that command runs: together they take seconds. And
nothing that counts may be imported here: a process first shares its metrics, then makes them.
"""

import asyncpg
import typer
from tortoise.exceptions import DBConnectionError

from jifen.loyalty.publishing import NotPublished
from jifen.loyalty.transactions import EngineUnavailable
from jifen.models.grants import GrantsError
from jifen.models.schema import SchemaIncomplete
from jifen.runtime.bench.errors import BenchError
from jifen.runtime.cli.auditing import audit
from jifen.runtime.cli.installing import menu, migrate
from jifen.runtime.cli.measuring import bench
from jifen.runtime.cli.processes import demo, emulator, serve, worker
from jifen.runtime.cli.publishing import rules
from jifen.runtime.cli.starting import err
from jifen.runtime.clock import ClockError
from jifen.runtime.servers import ServersError
from jifen.runtime.settings import SettingsError
from jifen.runtime.supervisor import KeepsFailing
from jifen.wechat.errors import ApiError

app = typer.Typer(
    help="积分 Jifen：微信里的积分计划。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (demo, serve, worker, emulator, migrate, menu, rules, audit, bench):
    app.command()(command)

KNOWN = (
    SettingsError, ServersError, ClockError, SchemaIncomplete, GrantsError, KeepsFailing, NotPublished, BenchError,
)  # fmt: skip
DATABASE_AWAY = (
    EngineUnavailable,
    DBConnectionError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ConnectionError,
)


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
