"""Numbered slots for the processes that share a folder, each held by a `flock`, which the kernel releases when its process ends."""

import fcntl
import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Holder:
    """Who holds a slot: its name ("serve-2", "worker") and process id."""

    process: str
    pid: int


def take(folder: Path, process: str) -> int:
    """Take the lowest free slot until this process ends, and return its number. Only one process at a time may call this."""
    for number in itertools.count(1):
        file = _open(folder / f"{number}.slot")
        if _try_lock(file):
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(asdict(Holder(process, os.getpid()))).encode(), 0)
            return number
        os.close(file)
    raise AssertionError("numbers do not end")


def holders(folder: Path) -> dict[int, Holder]:
    """The holders of all slots in use, by number."""
    found = {}
    for path in sorted(folder.glob("*.slot")):
        with _free(path) as free:
            if not free:
                found[int(path.stem)] = Holder(**json.loads(path.read_bytes()))
    return found


def free_slots(folder: Path) -> Iterator[int]:
    """Yield the slots whose holder has ended; each stays locked, hence free, until the next is asked for."""
    for path in sorted(folder.glob("*.slot")):
        with _free(path) as free:
            if free:
                yield int(path.stem)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock while the block runs."""
    file = _open(folder / "lock")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


@contextmanager
def _free(path: Path) -> Iterator[bool]:
    file = _open(path)
    try:
        yield _try_lock(file)
    finally:
        os.close(file)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
