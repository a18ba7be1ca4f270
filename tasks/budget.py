"""A time budget: how long one run of a job may take before it leaves the rest to the next tick."""

from time import monotonic
from typing import Final

RUN_S: Final = 8.0


class Budget:
    """Counts real seconds, not those of the injected clock, because it limits work and is no business time."""

    def __init__(self, seconds: float = RUN_S) -> None:
        self._ends = monotonic() + seconds

    def has_time(self) -> bool:
        """Whether the run may begin another page."""
        return monotonic() < self._ends
