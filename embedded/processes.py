"""Finds the living processes of a server, and ends them."""

import hashlib
import logging
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)


def mark_of(folder: Path) -> str:
    """Return the mark that every server process of this folder has in its title, and no other process."""
    return f"jifen-{hashlib.sha256(bytes(folder)).hexdigest()[:12]}"


def find(program: str, mark: str) -> list[psutil.Process]:
    """Return the living processes of `program` whose command line contains `mark`; a zombie has no command line."""
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == program and mark in " ".join(process.info["cmdline"] or ())
    ]


def send(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to the processes that have not ended."""
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            logger.debug("process %s has ended by itself", process.pid)


def have_ended(processes: Sequence[psutil.Process], timeout_s: float) -> bool:
    """Wait until all have ended, at most `timeout_s`; a zombie counts as ended."""
    until = time.monotonic() + timeout_s
    while any(_is_alive(process) for process in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
