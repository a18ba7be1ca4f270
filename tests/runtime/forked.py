"""Programs as children of a process that has imported the command line already, which takes a second of processor each time.

Each is a process of its own all the same, with its environment, output, signals and exit code. What servers need of other packages
is imported beforehand, too, but nothing of ours that has metrics: `share_metrics` comes before these.
"""

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final
from unittest import mock

from models.database import MODELS

PRELOADED: Final = (
    "runtime.cli", *MODELS, "PIL.Image", "aiohttp.web", "arq", "fastapi", "httpx", "nicegui", "opencc", "qrcode", "uvicorn",
    "wechatpy", "xlsxwriter",
)  # fmt: skip
FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(list(PRELOADED))
WIDE: Final = {"COLUMNS": "200"}
"""The width of the screen, which is read at the import."""

_turn = threading.RLock()
"""Held while a process is started or asked for its exit code, which can be read once: each start asks all that run."""


@dataclass(frozen=True)
class Surroundings:
    """What a program finds: its environment, its folder, and the files that take its standard output and its standard error."""

    environment: Mapping[str, str]
    folder: Path
    out: Path
    err: Path


def around(log: Path) -> Surroundings:
    """This process's own environment and folder, with all that is said in one file."""
    return Surroundings(dict(os.environ), Path.cwd(), log, log)


class Forked:
    """A running program, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, process: ForkServerProcess) -> None:
        assert process.pid is not None
        self.pid, self._process = process.pid, process

    @property
    def returncode(self) -> int | None:
        """The exit code, below zero the signal that ended it; None while it runs."""
        with _turn:
            return self._process.exitcode

    def poll(self) -> int | None:
        """The exit code, as `returncode`."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; the exit code. Raises TimeoutExpired after `timeout` seconds."""
        connection.wait([self._process.sentinel], timeout)
        code = self.returncode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM, unless it has ended."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL, unless it has ended."""
        self.send_signal(signal.SIGKILL)


def begin(surroundings: Surroundings, program: Callable[..., None], *given: Any) -> Forked:
    """Start `program(*given)` with a session of its own; what it prints is appended to the files, which are made."""
    for said in (surroundings.out, surroundings.err):
        said.touch()
    process = FORKS.Process(target=_work, args=(surroundings, program, given), name=program.__qualname__)
    with _turn:
        with mock.patch.dict(os.environ, WIDE):
            forkserver.ensure_running()
        process.start()
    return Forked(process)


def jifen(*words: str) -> None:
    """`jifen <words>`, as `python -m runtime.cli <words>` runs it."""
    from runtime import cli

    sys.argv = [str(Path(cli.__file__).with_name("__main__.py")), *words]
    cli.main()


def run_forked(
    words: tuple[str, ...], environment: Mapping[str, str], timeout_s: float, folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `jifen <words>` to its end. Raises TimeoutExpired, and leaves no process behind."""
    with tempfile.TemporaryDirectory(prefix="jifen-said-") as said:
        out, err = (Path(said) / name for name in ("out", "err"))
        program = begin(Surroundings({**environment, **WIDE}, folder or Path.cwd(), out, err), jifen, *words)
        try:
            code = program.wait(timeout_s)
        finally:
            program.kill()
            program.wait()
        return subprocess.CompletedProcess(
            ["jifen", *words], code, out.read_text("utf-8"), err.read_text("utf-8")
        )


def _work(surroundings: Surroundings, program: Callable[..., None], given: tuple[Any, ...]) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(surroundings.environment)
    os.chdir(surroundings.folder)
    for number, path in enumerate((surroundings.out, surroundings.err), start=1):
        opened = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    try:
        program(*given)
    finally:
        atexit._run_exitfuncs()
