"""One process of an installation, started as an operator would, killed as no operator would."""

import asyncio
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.runtime import forked
from tests.runtime.program import environment

START_WITHIN_S = 60.0


@dataclass
class Part:
    """`jifen <words>` with these settings; what it prints is kept in `log`."""

    words: tuple[str, ...]
    settings: dict[str, str]
    folder: Path
    log: Path
    ready_url: str | None = None
    process: forked.Forked | None = None

    def begin(self) -> None:
        """Start it, without waiting until it is ready."""
        around = forked.Surroundings(environment(self.settings), self.folder, self.log, self.log)
        self.process = forked.begin(around, forked.jifen, *self.words)

    async def ready(self) -> None:
        """Wait until it answers; AssertionError when it ends first or takes too long."""
        give_up = time.monotonic() + START_WITHIN_S
        while not await self._answers():
            assert self.process is not None
            assert self.process.poll() is None, f"{self.words} ended: {self.log.read_text()[-2000:]}"
            assert time.monotonic() < give_up, f"{self.words} is not ready: {self.log.read_text()[-2000:]}"
            await asyncio.sleep(0.05)

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self.begin()
        await self.ready()

    def kill(self) -> None:
        """SIGKILL: no farewell of any kind."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it is there and does nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def stop(self) -> int:
        """SIGTERM, as an operator does; the exit code. One that does not end in time is killed (-9)."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            return await asyncio.to_thread(self.process.wait, 40)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9

    async def _answers(self) -> bool:
        if self.ready_url is None:
            return True
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as http,
                http.get(self.ready_url) as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False
