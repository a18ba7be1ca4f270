"""The program as an operator runs it: `jifen <command>` as a process with settings of its own."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.emulator import harness
from tests.house import EMULATOR
from tests.runtime import forked

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30

ACCOUNTS = {
    "OA_APP_ID": harness.OA_APP_ID,
    "OA_APP_SECRET": EMULATOR["oa_app_secret"],
    "OA_TOKEN": EMULATOR["oa_token"],
    "OA_ENCODING_AES_KEY": harness.AES_KEY,
    "MINIAPP_APP_ID": harness.MINIAPP_APP_ID,
    "MINIAPP_APP_SECRET": EMULATOR["miniapp_app_secret"],
    "SECRET_KEY": "test-secret-key-of-the-house",
    "MEMBER_PER_MINUTE": "0",
}
"""What a real installation must set, made up as the emulator harness has it."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Several such ports, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in sockets]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The process's environment with `settings` (without their prefix) as the only ones of ours."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JIFEN_")}
    return clean | {f"JIFEN_{name}": value for name, value in settings.items()}


def jifen(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `jifen <words>` to its end, with no settings but these."""
    return forked.run_forked(words, environment(settings), timeout_s=60)


@dataclass
class Program:
    """A running `jifen`: its process, where it listens, what it says."""

    process: forked.Forked
    settings: dict[str, str]
    log: Path

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.settings['HTTP_PORT']}"

    @property
    def metrics_url(self) -> str:
        """The address of the metrics."""
        return f"http://127.0.0.1:{self.settings['METRICS_PORT']}/metrics"

    def children(self) -> list[psutil.Process]:
        """Processes of ours that it started (not the embedded servers)."""
        return [child for child in psutil.Process(self.process.pid).children() if is_ours(child)]

    def said(self) -> str:
        """Standard output and standard error so far."""
        return self.log.read_text(encoding="utf-8")

    def wait_ready(self) -> None:
        """Wait for a 200 from `/readyz`."""
        self.until(lambda: answers(f"{self.url}/readyz"))

    def wait_children(self, count: int) -> list[psutil.Process]:
        """Wait until so many of its children listen; the children."""
        self.until(lambda: len(self.serving()) == count)
        return self.serving()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds()`; fails with what was said when the process ends first or time is up."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not holds():
            assert self.process.poll() is None or self.process.returncode == -signal.SIGKILL, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def serving(self) -> list[psutil.Process]:
        """Children that listen on the port."""
        return [
            child
            for child in self.children()
            if any(one.status == psutil.CONN_LISTEN for one in sockets(child))
        ]

    def stop(self, signum: signal.Signals = signal.SIGTERM) -> int:
        """End it with a signal; its exit code."""
        self.process.send_signal(signum)
        return self.process.wait(STOP_TIMEOUT_S)


def is_ours(process: psutil.Process) -> bool:
    """Whether it runs Jifen; not one that has just ended."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "runtime.cli" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def sockets(process: psutil.Process) -> "list[psutil._ntuples.pconn]":
    """Its TCP sockets; none when it has just ended."""
    try:
        return list(process.net_connections("tcp"))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


def answers(url: str) -> bool:
    """Whether a GET of `url` answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # http on this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def running(tmp_path: Path, *words: str, **settings: str) -> Iterator[Program]:
    """`jifen <words>` with made-up accounts and ports of its own; killed at the end if it still runs, with its children."""
    http, metrics = free_ports(2)
    given = {"DATA_DIR": str(tmp_path / "var"), "HTTP_PORT": str(http), "METRICS_PORT": str(metrics)}
    given |= ACCOUNTS | settings
    log = tmp_path / f"{words[0]}-{given['HTTP_PORT']}.log"
    log.unlink(missing_ok=True)
    process = forked.begin(forked.Surroundings(environment(given), tmp_path, log, log), forked.jifen, *words)
    family: list[psutil.Process] = []
    try:
        yield Program(process, given, log)
        if process.poll() is None:
            family = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.wait()
        for left in family:
            if left.is_running():
                left.kill()
