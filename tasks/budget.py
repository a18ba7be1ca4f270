"""How long one run of a job may go on before the next tick carries on."""

from time import monotonic
from typing import Final

RUN_S: Final = 8.0


class Budget:
    """Real seconds, whatever the injected clock does: a limit on work, not a business time."""

    def __init__(self, seconds: float = RUN_S) -> None:
        self._ends = monotonic() + seconds

    def has_time(self) -> bool:
        """Whether another page may be begun."""
        return monotonic() < self._ends
