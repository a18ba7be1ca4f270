"""A machine whose clock is wrong, as the program sees it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from base.clock import Reading


@dataclass
class SkewedClock:
    """The machine's clock, ahead of the right time by `skew`."""

    skew: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The wrong instant."""
        return self.read().now

    def read(self) -> Reading:
        """The wrong instant, which the machine itself shows."""
        wrong = datetime.now(UTC) + self.skew
        return Reading(wrong, wrong, monotonic())

    def advance(self, seconds: float) -> datetime:
        """Make it run further ahead."""
        self.skew += timedelta(seconds=seconds)
        return self.now()
