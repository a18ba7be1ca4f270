"""Runs `jifen <command>` as a child process."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path


def jifen(*words: str) -> list[str]:
    """The command line of `jifen <words>`, with the Python and the packages of this process."""
    return [sys.executable, "-m", "runtime.cli", *words]


@contextmanager
def running(
    *words: str,
    stop_within_s: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    log: Path | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `jifen <words>` while the block runs. It has a session of its own, so that Ctrl-C in the terminal reaches only us.

    `environment` and working `folder` default to ours; its output is appended to `log`, or goes where ours goes. Raises OSError
    when it cannot start.
    """
    with log.open("ab") if log else nullcontext() as output:
        process = subprocess.Popen(  # noqa: S603  # our own
            jifen(*words), env=environment, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        end(process, within_s=stop_within_s)


def end(process: "subprocess.Popen[bytes] | subprocess.Popen[str]", *, within_s: float) -> None:
    """Send SIGTERM, and SIGKILL if the process has not ended within `within_s`."""
    process.terminate()
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
