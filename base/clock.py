"""The clock: opened once and passed in, so that a demo or a test can move time forward by months."""

import fcntl
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import NamedTuple, Protocol

LONGEST_OFFSET = timedelta(days=36525)


class ClockError(Exception):
    """The clock's file cannot be read or holds no offset, or the clock is off; the message is a sentence for the operator."""


class ClockOff(ClockError):
    """The machine's clock differs too much from the database's."""


class Reading(NamedTuple):
    """One reading of a clock, aware, in UTC.

    `machine` is the instant of the machine's own clock from which `now` was derived, read at the monotonic instant `read_s`; None
    for a clock that does not follow the machine's.
    """

    now: datetime
    machine: datetime | None = None
    read_s: float = 0.0


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def read(self) -> Reading:
        """Return the present instant with the machine's."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's present instant, aware, in UTC."""
        return datetime.now(UTC)

    def read(self) -> Reading:
        """Return the machine's present instant."""
        now = datetime.now(UTC)
        return Reading(now, now, monotonic())


class OffsetClock:
    """The machine's clock plus an offset in seconds, kept in a file that every process of a demo shares.

    The file is read at every `now()`: comparing its modification time would miss a second change within one
    tick of the file system. It is replaced by a rename, so a reader sees the old offset or the new one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the machine's instant plus the offset, aware, in UTC; raises ClockError on a broken file."""
        return self.read().now

    def read(self) -> Reading:
        """Return the machine's instant plus the offset, and the machine's instant; raises ClockError on a broken file."""
        machine, read_s = datetime.now(UTC), monotonic()
        return Reading(machine + timedelta(seconds=self._offset_s()), machine, read_s)

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward for every process that shares the file and return the new instant.

        Steps of several processes at the same time add up. Raises ValueError for a step that is negative
        or not finite, or that would leave the clock over a century ahead, and ClockError on a broken file.
        """
        check_step(seconds)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            offset_s = self._offset_s() + seconds
            if offset_s > LONGEST_OFFSET.total_seconds():
                raise ValueError(f"the clock may run at most {LONGEST_OFFSET.days} days ahead")
            self._replace(offset_s)
            return self.now()

    def _offset_s(self) -> float:
        try:
            text = self._path.read_text(encoding="ascii")
        except FileNotFoundError:
            return 0.0
        except (OSError, UnicodeDecodeError) as error:
            raise ClockError(f"演示时钟文件 {self._path} 读不出来：{error}") from error
        return self._parse(text)

    def _parse(self, text: str) -> float:
        try:
            offset_s = float(text)
        except ValueError:
            offset_s = math.nan
        # The newline at the end proves that the number is complete.
        if not text.endswith("\n") or not 0 <= offset_s <= LONGEST_OFFSET.total_seconds():
            raise ClockError(
                f"演示时钟文件 {self._path} 的内容 {text[:40]!r} 不是一个以换行结尾的秒数；"
                "删掉这个文件，时钟就回到真实时间"
            )
        return offset_s

    def _replace(self, offset_s: float) -> None:
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{offset_s!r}\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The lock needs a file of its own, because each rename replaces the clock file.
        lock = self._path.with_name(f"{self._path.name}.lock")
        with lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class MovableClock:
    """A clock that moves only when it is told to: for the demo's past and for tests."""

    def __init__(self, at: datetime) -> None:
        self._at = in_utc(at)

    def now(self) -> datetime:
        """Return the clock's instant, in UTC."""
        return self._at

    def read(self) -> Reading:
        """Return the clock's instant, which has nothing to do with the machine's."""
        return Reading(self._at)

    def advance(self, seconds: float) -> datetime:
        """Move forward and return the new instant; raises ValueError for a negative or infinite step."""
        check_step(seconds)
        self._at += timedelta(seconds=seconds)
        return self._at

    def move_to(self, at: datetime) -> None:
        """Move forward to an aware instant; raises ValueError for a naive one or one in the clock's past."""
        if in_utc(at) < self._at:
            raise ValueError("a clock never goes back")
        self._at = in_utc(at)


def check_step(seconds: float) -> None:
    """Raise ValueError unless a clock may be moved by this many seconds: finite and never backwards."""
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"a clock never goes back: {seconds} s")


def in_utc(at: datetime) -> datetime:
    """Return an aware instant in UTC; raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {at.isoformat()}")
    return at.astimezone(UTC)
