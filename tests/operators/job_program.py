"""A process that runs jobs until it is killed: `python -m tests.operators.job_program DATABASE FOLDER NOW`. It prints each step.

Its imports stop before chunk STOPS_AT, so that a test can kill it when some of the chunks are booked.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import SecretStr

from base.clock import MovableClock
from base.settings import Settings
from loyalty.opening import open_engine
from models.database import open_database
from moving import importing
from operators.jobs.runner import running_jobs
from tests.ledger import KEYS, ZONE
from tests.operators.desks import Opened

T = TypeVar("T")
STOPS_AT = importing.AHEAD + importing.AT_ONCE + 1
"""When the import asks for this chunk, the first one has been booked: so many are read ahead, and so many booked at once."""


async def work(database: str, folder: str, now: str) -> None:
    """Run jobs for ever."""
    clock = MovableClock(datetime.fromisoformat(now))
    settings = Settings(secret_key=SecretStr("test-secret-key-of-the-house"), data_dir=Path(folder))
    async with (
        open_database(database) as pool,
        open_engine(pool, clock, ZONE, KEYS) as engine,
        running_jobs(Opened(pool, engine, settings, clock)),
    ):
        await asyncio.Event().wait()


def slowly(chunks: Callable[[Iterable[T], int], Iterator[list[T]]]) -> Callable[..., Iterator[list[T]]]:
    """The chunks of a file, of which number STOPS_AT, from 0, never comes."""

    def some(values: Iterable[T], size: int) -> Iterator[list[T]]:
        for number, chunk in enumerate(chunks(values, size)):
            print(number, flush=True)
            if number == STOPS_AT:
                sys.stdin.read()
            yield chunk

    return some


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "CHUNK", 10)
        patch.setattr(importing, "_chunks", slowly(importing._chunks))
        asyncio.run(work(*sys.argv[1:]))
