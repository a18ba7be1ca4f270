"""Several processes of one program kept running: started, started again when one dies, ended together.

Every child has the reading end of one pipe as its standard input; the writing end is the supervisor's alone. Whatever kills the
supervisor, even SIGKILL, closes it, and the children read end-of-file and leave by themselves: see `leave_with_supervisor`.
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
"""A process that lived this long had started well; one that did not has failed to start."""

TRIES: Final = 5
PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits before a process is started again, longer after each failed start in a row; the last one goes on."""

STOP_TIMEOUT_S: Final = 12.0
LAST_BREATH_S, LOOK_S = 5.0, 0.02


class KeepsFailing(Exception):
    """A process ended right after each of its last starts, and no other is at work; the message says which and how."""


class Supervisor:
    """Keeps processes 1…`count` running; `command` gives the words that start one."""

    def __init__(self, command: Callable[[int], Sequence[str]], count: int) -> None:
        self._command, self._count = command, count
        self._since: dict[int, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Keep them running until `stop`; then end all with SIGTERM, those that linger with SIGKILL. Raises KeepsFailing."""
        with _lifeline() as lifeline:
            keepers = {asyncio.create_task(self._keep(n, lifeline)) for n in range(1, self._count + 1)}
            stopping = asyncio.create_task(stop.wait())
            try:
                ended, _ = await asyncio.wait({*keepers, stopping}, return_when=asyncio.FIRST_COMPLETED)
                for keeper in ended & keepers:
                    keeper.result()
            finally:
                for task in (*keepers, stopping):
                    task.cancel()
                await asyncio.gather(*keepers, stopping, return_exceptions=True)

    async def _keep(self, number: int, lifeline: int) -> None:
        clock, failures = asyncio.get_running_loop().time, 0
        while True:
            process = await asyncio.create_subprocess_exec(
                *self._command(number), stdin=lifeline, start_new_session=True
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
                raise KeepsFailing(
                    f"第 {number} 个进程连续 {failures} 次一启动就退出（最后的退出码 {code}），全部停止；"
                    "原因见上面的日志。"
                )
            pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            log.error("process_ended", number=number, child=process.pid, code=code, again_in_s=pause_s)
            await asyncio.sleep(pause_s)

    def _anyone_steady(self, now: float) -> bool:
        return any(now - since >= STEADY_S for since in self._since.values())


def leave_with_supervisor(stop: asyncio.Event) -> None:
    """In a child: set `stop` once the supervisor is gone. Nothing is ever written to the pipe, so what can be read is its end."""
    loop, lifeline, supervisor = asyncio.get_running_loop(), sys.stdin.fileno(), os.getppid()

    def going() -> None:
        loop.remove_reader(lifeline)
        gone(looks_left=round(LAST_BREATH_S / LOOK_S))

    def gone(looks_left: int) -> None:
        if os.getppid() == supervisor and looks_left:
            # A dying process closes its files one by one: who left now could still meet its lock on the embedded servers.
            loop.call_later(LOOK_S, gone, looks_left - 1)
            return
        log.warning("supervisor_gone")
        stop.set()

    loop.add_reader(lifeline, going)


@contextmanager
def _lifeline() -> Iterator[int]:
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
    finally:  # also when whoever waits for this has no more patience: a child is never left behind
        if process.returncode is None:
            log.error("process_killed", child=process.pid)
            process.kill()
            await process.wait()
