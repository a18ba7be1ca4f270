"""The console as a program of its own: `python -m tests.console.console_program DATABASE REDIS FOLDER PORT WECHAT NOW`.

NiceGUI keeps one application per process. The program's clock stands still; a line of seconds at its input moves it, and is
answered by a line. It ends when its input does.
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from base.clock import MovableClock
from console.app import create_console, make_server
from operators.access import passwords
from operators.jobs.runner import running_jobs
from runtime.resources import open_resources
from tests.house import made_up_settings


async def serve(database: str, redis: str, folder: str, port: str, wechat: str, now: str) -> None:
    """Serve until the input ends."""
    clock = MovableClock(datetime.fromisoformat(now))
    settings = made_up_settings(database, redis, Path(folder), wechat_api_base=wechat)
    async with open_resources(settings, clock, lanes=2) as resources, running_jobs(resources):
        server = make_server(create_console(resources), "127.0.0.1", int(port))
        serving = asyncio.create_task(server.serve())
        await _follow(clock)
        server.should_exit = True
        await serving


async def _follow(clock: MovableClock) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    while line := await orders.readline():
        clock.advance(float(line))
        print(flush=True)  # the answer to whoever moved the clock


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1))
        asyncio.run(serve(*sys.argv[1:]))
