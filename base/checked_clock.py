"""The program's clock held against the database's, which all processes share: it tells no time while the two differ too much.

A clock that runs ahead dates sign-ins and receipts into the future, and one that lags behind dates them into the past; neither can
be undone. The database's instant comes with statements that are sent anyway. Between two of them the monotonic clock carries it on,
so that a step of the machine's clock is noticed at the next reading.
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import Final, NamedTuple

import structlog

from base import gauges
from base.clock import Clock, ClockOff, Reading

DEFAULT_TOLERANCE: Final = timedelta(seconds=30)
"""Above what NTP leaves between machines (milliseconds), and above the seconds by which a paused virtual machine lags until NTP
has caught up. Below it a wrong clock misdates only what happens within so many seconds of midnight.
"""

log = structlog.get_logger(__name__)


class Comparison(NamedTuple):
    """The database's instant, and the monotonic seconds between which the database read it."""

    database: datetime
    sent_s: float
    received_s: float

    def skew(self, machine: datetime, at_s: float) -> timedelta:
        """How far the machine's clock was ahead (negative: behind) when it showed `machine`, at the monotonic instant `at_s`.

        Zero if it may have been right, considering that the time between sending and receiving may have passed before or after
        the database's reading.
        """
        latest = self.database + timedelta(seconds=at_s - self.sent_s)
        earliest = self.database + timedelta(seconds=at_s - self.received_s)
        if machine > latest:
            return machine - latest
        return min(machine - earliest, timedelta(0))


class CheckedClock:
    """A clock that is compared with the database's, and raises ClockOff while they differ by more than `tolerance`.

    A deliberate offset, such as the demo's, is no difference: only the machine's own instant is compared. A clock that does not
    follow the machine's is never off.
    """

    def __init__(self, clock: Clock, tolerance: timedelta = DEFAULT_TOLERANCE) -> None:
        self._clock, self.tolerance = clock, tolerance
        self._last: Comparison | None = None
        self._is_off = False

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC. Raises ClockOff."""
        return self.read().now

    def read(self) -> Reading:
        """Return the present instant with the machine's. Raises ClockOff."""
        reading = self.read_unchecked()
        if self._last is not None and reading.machine is not None:
            self._judge(self._last.skew(reading.machine, reading.read_s))
        return reading

    def read_unchecked(self) -> Reading:
        """Return the instant that the clock shows, right or wrong."""
        return self._clock.read()

    def compare(self, reading: Reading, database: datetime) -> None:
        """Compare a reading with the database's instant, which has just arrived in the answer to a statement sent after it.

        Raises ClockOff.
        """
        self._last = Comparison(database, reading.read_s, monotonic())
        if reading.machine is not None:
            skew = self._last.skew(reading.machine, reading.read_s)
            gauges.clock_skew(abs(skew.total_seconds()))
            self._judge(skew)

    def _judge(self, skew: timedelta) -> None:
        is_off = abs(skew) > self.tolerance
        if is_off != self._is_off:
            self._is_off = is_off
            report = log.error if is_off else log.info
            report("clock_off" if is_off else "clock_right_again", skew_s=round(skew.total_seconds(), 1))
        if is_off:
            raise ClockOff(_sentence(skew, self.tolerance))


def _sentence(skew: timedelta, tolerance: timedelta) -> str:
    seconds, direction = abs(skew.total_seconds()), "快" if skew > timedelta(0) else "慢"
    return (
        f"这台机器的时钟比数据库的{direction}了 {seconds:,.0f} 秒，超过 JIFEN_CLOCK_TOLERANCE_S 允许的 "
        f"{tolerance.total_seconds():.0f} 秒：请先校准时钟（NTP），再启动。"
    )
