"""`jifen <words>` as a child of a process that has imported the command line already, which takes a second of processor each time.

A process of its own all the same, with its environment, output and exit code. Tests that start a server, worker or demo start it as
an operator does.
"""

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import forkserver
from pathlib import Path
from typing import Final
from unittest import mock

CLI: Final = "runtime.cli"
FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([CLI])
WIDE: Final = {"COLUMNS": "200"}
"""The width of the screen, which is read at the import."""


def run_forked(
    words: tuple[str, ...], environment: Mapping[str, str], timeout_s: float
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end. Raises TimeoutExpired, and leaves no process behind."""
    with mock.patch.dict(os.environ, WIDE):
        forkserver.ensure_running()
    with tempfile.TemporaryDirectory(prefix="jifen-said-") as folder:
        said = [Path(folder) / name for name in ("out", "err")]
        for one in said:
            one.touch()
        process = FORKS.Process(target=_work, args=(words, {**environment, **WIDE}, Path.cwd(), said))
        process.start()
        process.join(timeout_s)
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["jifen", *words], timeout_s)
        out, err = (one.read_text(encoding="utf-8") for one in said)
    return subprocess.CompletedProcess(["jifen", *words], code, out, err)


def _work(words: tuple[str, ...], environment: dict[str, str], folder: Path, said: list[Path]) -> None:
    from runtime import cli

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate(said, start=1):
        opened = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = [str(Path(cli.__file__).with_name("__main__.py")), *words]
    try:
        cli.main()
    finally:
        atexit._run_exitfuncs()
