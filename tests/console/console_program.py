"""The console as a program of its own, because NiceGUI keeps one application per process.

The program's clock stands still; a line of seconds that comes through a socket moves it, and is answered by a line. It ends
when the other end of the socket is closed.
"""

import asyncio
import socket
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


def main(orders: socket.socket, *given: str) -> None:
    """Serve with cheap hashes of passwords; `given` as for `serve`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1))
        asyncio.run(serve(orders, *given))


async def serve(
    orders: socket.socket, database: str, redis: str, folder: str, port: str, wechat: str, now: str
) -> None:
    """Serve until the other end of `orders` is closed."""
    clock = MovableClock(datetime.fromisoformat(now))
    settings = made_up_settings(database, redis, Path(folder), wechat_api_base=wechat)
    async with open_resources(settings, clock, lanes=2) as resources, running_jobs(resources):
        server = make_server(create_console(resources), "127.0.0.1", int(port))
        serving = asyncio.create_task(server.serve())
        await _follow(orders, clock)
        server.should_exit = True
        await serving


async def _follow(orders: socket.socket, clock: MovableClock) -> None:
    reader, writer = await asyncio.open_connection(sock=orders)
    while line := await reader.readline():
        clock.advance(float(line))
        writer.write(b"\n")  # the answer to whoever moved the clock
    writer.close()
