"""The supervisor: starts several processes of one program, restarts those that end, and stops all together.

The standard input of every child is the reading end of a pipe whose writing end only the supervisor holds. When the supervisor
ends, even by SIGKILL, the kernel closes the writing end, the children read end-of-file, and stop: see `stop_with_supervisor`.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import structlog

log = structlog.get_logger(__name__)

STEADY_S: Final = 10.0
"""A process that ran for less than this has failed to start."""

TRIES: Final = 5
PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Pauses before a restart, by the number of failed starts in a row; after more of them the last pause repeats."""

STOP_TIMEOUT_S: Final = 12.0
EXIT_TIMEOUT_S, POLL_S = 5.0, 0.02


class CrashLoop(Exception):
    """A process ended right after each of its last starts, and no other process is running; the message names it."""


class Supervisor:
    """Keeps processes 1…`count` running; `command(number)` is the command line of one."""

    def __init__(self, command: Callable[[int], Sequence[str]], count: int) -> None:
        self._command, self._count = command, count
        self._since: dict[int, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the processes running until `stop`, then end them by SIGTERM, and by SIGKILL after STOP_TIMEOUT_S.

        Raises CrashLoop.
        """
        with _parent_pipe() as pipe_end:
            keepers = {asyncio.create_task(self._keep(n, pipe_end)) for n in range(1, self._count + 1)}
            stopping = asyncio.create_task(stop.wait())
            try:
                ended, _ = await asyncio.wait({*keepers, stopping}, return_when=asyncio.FIRST_COMPLETED)
                for keeper in ended & keepers:
                    keeper.result()
            finally:
                for task in (*keepers, stopping):
                    task.cancel()
                await asyncio.gather(*keepers, stopping, return_exceptions=True)

    async def _keep(self, number: int, pipe_end: int) -> None:
        clock, failures = asyncio.get_running_loop().time, 0
        while True:
            process = await asyncio.create_subprocess_exec(
                *self._command(number), stdin=pipe_end, start_new_session=True
            )
            self._since[number] = began = clock()
            log.info("process_started", number=number, child=process.pid)
            try:
                code = await process.wait()
            finally:
                del self._since[number]
                await _end(process)
            failures = 0 if clock() - began >= STEADY_S else failures + 1
            if failures >= TRIES and not self._anyone_steady(clock()):
                raise CrashLoop(
                    f"第 {number} 个进程连续 {failures} 次一启动就退出（最后的退出码 {code}），全部停止；"
                    "原因见上面的日志。"
                )
            pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            log.error("process_ended", number=number, child=process.pid, code=code, retry_in_s=pause_s)
            await asyncio.sleep(pause_s)

    def _anyone_steady(self, now: float) -> bool:
        return any(now - since >= STEADY_S for since in self._since.values())


def stop_with_supervisor(stop: asyncio.Event) -> None:
    """In a child process: set `stop` when the supervisor has ended.

    Nothing is written to the pipe, so a readable pipe is a closed one.
    """
    loop, pipe_end, supervisor = asyncio.get_running_loop(), sys.stdin.fileno(), os.getppid()

    def on_pipe_closed() -> None:
        loop.remove_reader(pipe_end)
        await_exit(polls_left=round(EXIT_TIMEOUT_S / POLL_S))

    def await_exit(polls_left: int) -> None:
        if os.getppid() == supervisor and polls_left:
            # A dying process closes its files one by one. We wait for its end, because it may still hold the lock of the embedded
            # servers.
            loop.call_later(POLL_S, await_exit, polls_left - 1)
            return
        log.warning("supervisor_exited")
        stop.set()

    loop.add_reader(pipe_end, on_pipe_closed)


@contextmanager
def _parent_pipe() -> Iterator[int]:
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
    finally:  # also when this is cancelled, so that no child is left behind
        if process.returncode is None:
            log.error("process_killed", child=process.pid)
            process.kill()
            await process.wait()
