"""What a command begins with: its settings, the servers it needs, the clock it goes by; and where it prints."""

from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.console import Console

from base.clock import Clock, OffsetClock, SystemClock
from base.settings import Settings, load_settings
from embedded import running_servers
from runtime.demo import accounts

out, err = Console(), Console(stderr=True)

T = TypeVar("T")
Demo = Annotated[bool, typer.Option("--demo", help="按演示的账号和时钟运行（由 jifen demo 使用）。")]

EMBEDDED_CONNECTIONS = 70
"""What the processes of a server may share of our own database's hundred; the worker and short commands need the rest."""


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


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop."""
    return uvloop.run(work)
