"""The command line: `jifen <command>`; each explains itself with --help.

What only one command needs (web server, worker, emulator) is imported when that command runs, because these imports take seconds.
No module with metrics may be imported here: a process must call `share_metrics` before it creates a metric.
"""

from importlib.metadata import version
from typing import Annotated

import asyncpg
import typer
from tortoise.exceptions import DBConnectionError

from base.clock import ClockError
from base.sealing import SealingError
from base.settings import SettingsError
from embedded import ServersError
from loyalty.engine.transactions import EngineUnavailable
from loyalty.programme.files.reading import NotPublished
from models.grants import GrantsError
from models.installation import WrongDatabase
from models.placement import PlacementError
from models.schema import SchemaIncomplete
from moving.problems import CannotBegin
from runtime.cli.adjusting import adjust, freeze, thaw
from runtime.cli.auditing import audit
from runtime.cli.cases import cases, decide_case
from runtime.cli.chinese import run
from runtime.cli.deciding import answer, appeals, approval, approvals, approve, erase_appeals, refuse
from runtime.cli.drafting import draft, drop_draft
from runtime.cli.health import health, wechat_check
from runtime.cli.installing import menu, migrate, rebind
from runtime.cli.jobs import app as jobs
from runtime.cli.keys import app as keys
from runtime.cli.looking import find, phone, show
from runtime.cli.measuring import bench
from runtime.cli.members import app as members
from runtime.cli.merging import merge, reopenid, unmerge
from runtime.cli.moving_in import app as moving_in
from runtime.cli.moving_out import app as moving_out
from runtime.cli.notices import app as notices
from runtime.cli.numbers import app as numbers
from runtime.cli.numbers import stats
from runtime.cli.operators import app as operators
from runtime.cli.processes import console, demo, emulator, serve, worker
from runtime.cli.reporting import app as report
from runtime.cli.rules import app as rules
from runtime.cli.sealing import restored, rotate_secret_key
from runtime.cli.starting import err
from runtime.cli.suggestions import app as suggestions
from runtime.cli.templates import init
from runtime.cli.vouchers import app as vouchers
from runtime.cli.webhooks import app as webhooks
from runtime.ports import PortBusy
from runtime.supervisor import CrashLoop
from wechat.errors import ApiError

app = typer.Typer(
    help="积分 Jifen：微信里的积分计划。\n\n例：jifen demo\n\n例：jifen init --template retail\n\n"
    "例：jifen rules publish rules.yaml --base 0 --reason 开业",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def show_version(asked: bool) -> None:  # typer calls it with the option's value
    """Print the version and end."""
    if asked:
        typer.echo(f"jifen {version('jifen')}")
        raise typer.Exit


@app.callback()
def common(
    *,
    version_asked: Annotated[
        bool, typer.Option("--version", help="显示版本", is_eager=True, callback=show_version)
    ] = False,
) -> None:
    """Take the options of every command."""


for command in (
    init, demo, serve, worker, console, emulator, migrate, rebind, menu, audit, health, wechat_check, restored, rotate_secret_key,
    bench,
):  # fmt: skip
    app.command()(command)
rules.command("draft")(draft)
rules.command("drop-draft")(drop_draft)
app.add_typer(rules, name="rules")
for of_members in (find, show, phone, merge, unmerge, reopenid, adjust, freeze, thaw, appeals, answer, cases):
    members.command()(of_members)
for of_approvals in (approvals, approval, approve, refuse):
    operators.command()(of_approvals)
members.command("decide-case")(decide_case)
members.command("erase-appeals")(erase_appeals)
app.add_typer(members, name="members")
app.add_typer(vouchers, name="vouchers")
app.add_typer(suggestions, name="suggestions")
app.add_typer(moving_in, name="import")
app.add_typer(moving_out, name="export")
app.add_typer(notices, name="notices")
app.add_typer(jobs, name="jobs")
app.add_typer(keys, name="keys")
app.add_typer(webhooks, name="webhooks")
app.add_typer(operators, name="operators")
app.add_typer(report, name="report")
app.add_typer(numbers, name="numbers")
app.add_typer(stats, name="stats")

KNOWN_ERRORS = (
    SettingsError, SealingError, ServersError, ClockError, SchemaIncomplete, GrantsError, PlacementError, WrongDatabase, CrashLoop,
    NotPublished, PortBusy, CannotBegin,
)  # fmt: skip
NEEDED_FROM = {
    "bench": "源码目录（用 make bench 测量）",
    "fastapi": "jifen[console] 或 jifen[emulator]",
    "httpx": "jifen[emulator]",
    "nicegui": "jifen[console] 或 jifen[emulator]",
    "uvicorn": "jifen[console] 或 jifen[emulator]",
}
"""Modules that a production install leaves out, and what installs each."""
DATABASE_ERRORS = (
    EngineUnavailable,
    DBConnectionError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ConnectionError,
)


def main() -> None:
    """Run the command line; a known error ends in a sentence and exit code 1, never in a traceback."""
    try:
        raise SystemExit(run(app))
    except KNOWN_ERRORS as error:
        say(str(error))
    except asyncpg.UndefinedTableError:
        say("数据库里还没有建表，请先运行 jifen migrate。")
    except DATABASE_ERRORS as error:
        say(
            f"数据库连不上或没有回应（{type(error).__name__}），请检查 JIFEN_DATABASE_URL 和数据库是否在运行。"
        )
    except ApiError as error:
        say(f"微信没有办成这件事：{error}")
    except ModuleNotFoundError as missing:
        if missing.name not in NEEDED_FROM:
            raise
        say(f"这个命令缺少 {missing.name}，它来自 {NEEDED_FROM[missing.name]}。")
    except OSError as error:
        say(f"系统拒绝了这个操作：{error}")
    raise SystemExit(1)


def say(sentence: str) -> None:
    """Print a sentence to standard error, whole: a line broken at the terminal's width cannot be searched for."""
    err.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
