"""The desk of whoever runs a command: database, engine, settings and clock, without the accounts at WeChat."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import asyncpg

from base.clock import Clock
from base.settings import Settings
from models.database import open_database
from operators.desk import Desk, command_line_desk
from operators.reasons import BadText
from operators.roles import NotAllowed
from runtime.cli.starting import fail, run, started

if TYPE_CHECKING:
    from loyalty.engine.engine import Engine

T = TypeVar("T")


@dataclass(frozen=True)
class Bare:
    """What a command opens for its deeds."""

    pool: asyncpg.Pool
    engine: "Engine"
    settings: Settings
    clock: Clock


@asynccontextmanager
async def open_desk(settings: Settings, clock: Clock, by: str = "") -> AsyncIterator[Desk]:
    """The command line's desk on the database of the settings. `by` is who does it, if they say so."""
    from loyalty.opening import open_engine

    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(
            pool, clock, settings.timezone, settings.keyring, clock_tolerance=settings.clock_tolerance
        ) as engine,
    ):
        await engine.check_clock()
        yield command_line_desk(Bare(pool, engine, settings, engine.clock), by)


def at_desk(work: Callable[[Desk], Awaitable[T]], by: str = "") -> T:
    """What `work` returns. Exits with 1 and a sentence for what may not be done, and for a bad reason."""

    async def opened(settings: Settings, clock: Clock) -> T:
        async with open_desk(settings, clock, by) as desk:
            return await work(desk)

    with started(demo=False, accounts_needed=False) as (settings, clock):
        try:
            return run(opened(settings, clock))
        except (NotAllowed, BadText) as refused:
            fail(str(refused))
