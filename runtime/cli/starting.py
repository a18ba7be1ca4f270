"""The parts that every command starts with: settings, servers and clock; and the consoles it prints to."""

from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop
from rich.console import Console

from base.clock import Clock, OffsetClock, SystemClock
from base.settings import Settings, load_settings
from embedded import running_servers
from runtime.demo import accounts
from runtime.installation import check_installation

out, err = Console(), Console(stderr=True)

T = TypeVar("T")
Demo = Annotated[bool, typer.Option("--demo", help="按演示的账号和时钟运行（由 jifen demo 使用）。")]

EMBEDDED_CONNECTIONS = 70
"""Connections that server processes may share of the embedded database's hundred; worker and short commands need the rest."""


@contextmanager
def started(
    *, demo: bool, accounts_needed: bool = True, processes: int = 1, checked: bool = True
) -> Iterator[tuple[Settings, Clock]]:
    """Yield the settings, with the addresses of embedded servers where none were given, and the clock.

    `processes` is how many processes will share the database: the embedded one has a hundred connections in all. A command that
    needs no accounts works as the demo in a demo's folder, but never on a database that the settings name. Raises WrongDatabase for
    a database that belongs to other settings, unless not `checked`.
    """
    settings = load_settings()
    path = accounts.clock_path(settings)
    of_demo = demo or (not accounts_needed and settings.database_url is None and path.exists())
    if of_demo:
        settings = accounts.demo_settings(settings)
    elif accounts_needed:
        settings.require_production()
    clock: Clock = OffsetClock(path) if of_demo else SystemClock()
    with ExitStack() as stack:
        servers = stack.enter_context(running_servers(settings))
        found: dict[str, Any] = {"database_url": servers.database_url, "redis_url": servers.redis_url}
        if settings.database_url is None:
            found["ledger_guard"] = (
                "off"  # the embedded database has one role, and no other machine can reach it
            )
            found["database_pool"] = min(settings.database_pool, max(2, EMBEDDED_CONNECTIONS // processes))
        settings = settings.model_copy(update=found)
        if checked:
            run(check_installation(settings, first=accounts_needed))
        yield settings, clock


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop."""
    return uvloop.run(work)


def fail(sentence: str) -> NoReturn:
    """End the command with 1 and a sentence that says why."""
    err.print(sentence, style="red", markup=False)
    raise typer.Exit(1)
