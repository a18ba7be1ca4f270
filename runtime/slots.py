"""Numbered places of the processes that share a folder, each held by a `flock`, which the kernel drops with its process."""

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
    """Hold the lowest free slot until this process ends; its number. To be called by one process at a time."""
    for number in itertools.count(1):
        file = _open(folder / f"{number}.slot")
        if _try_lock(file):
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(asdict(Holder(process, os.getpid()))).encode(), 0)
            return number
        os.close(file)
    raise AssertionError("numbers do not end")


def holders(folder: Path) -> dict[int, Holder]:
    """Every slot that is held now, by number."""
    found = {}
    for path in sorted(folder.glob("*.slot")):
        with _free(path) as free:
            if not free:
                found[int(path.stem)] = Holder(**json.loads(path.read_bytes()))
    return found


def free_slots(folder: Path) -> Iterator[int]:
    """Slots that had a holder and have none; each is kept free while the caller looks at it."""
    for path in sorted(folder.glob("*.slot")):
        with _free(path) as free:
            if free:
                yield int(path.stem)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
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
