"""The parts of the demo as processes of their own: started with a log file each, waited for, and watched."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from runtime.programs import running

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15
PATIENCE_S = 3
"""How long a newcomer looks at a silent terminal before a line says that something is going on."""


class PartStopped(Exception):
    """A part of the demo ended by itself; the message names it and its log."""


class Stopped(Exception):
    """Ctrl-C or a termination signal came."""


@dataclass(frozen=True)
class Part:
    """One running part: its name and its log."""

    name: str
    log: Path
    process: "subprocess.Popen[bytes]"

    def listens_on(self, port: int) -> bool:
        """Whether this process, and no other program of the machine, listens on the port."""
        try:
            open_now = psutil.Process(self.process.pid).net_connections(kind="tcp")
        except psutil.NoSuchProcess:
            return False
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in open_now)


class Parts:
    """The parts started so far. `stopped` tells whether a signal came, `say` shows a line of progress."""

    def __init__(self, folder: Path, stopped: Callable[[], bool], say: Callable[[str], None]) -> None:
        self._folder, self._stopped, self._say = folder, stopped, say
        self._running: list[Part] = []

    @contextmanager
    def started(self, *words: str) -> Iterator[Part]:
        """Run `jifen <words>` while the block runs; its JSON log lines go to a file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._folder / f"{words[0]}.log"
        with running(*words, stop_within_s=STOP_TIMEOUT_S, log=log) as process:
            part = Part(words[0], log, process)
            self._running.append(part)
            try:
                yield part
            finally:
                self._running.remove(part)

    def wait_until_ready(self, part: Part, port: int, url: str) -> None:
        """Wait until this part listens on the port and answers 200. Raises PartStopped and Stopped."""
        began = told = time.monotonic()
        while not (part.listens_on(port) and answers(url)):
            self.look()
            now = time.monotonic()
            if now - began > START_TIMEOUT_S:
                raise PartStopped(f"{part.name} 在 {START_TIMEOUT_S} 秒内没有准备好，原因见 {part.log}")
            if now - told >= PATIENCE_S:
                told = now
                self._say(f"还在启动 {part.name}，已用 {now - began:.0f} 秒……")
            time.sleep(0.1)

    def watch(self) -> None:
        """Wait until a signal comes (Stopped) or a part ends by itself (PartStopped)."""
        while True:
            self.look()
            time.sleep(0.2)

    def look(self) -> None:
        """Raise Stopped after a signal and PartStopped after a part has ended."""
        if self._stopped():
            raise Stopped
        for part in self._running:
            if part.process.poll() is not None:
                raise PartStopped(
                    f"{part.name} 意外退出（{part.process.returncode}），演示停止。原因见 {part.log}"
                )


def answers(url: str) -> bool:
    """Whether a GET of `url` answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # http on this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
