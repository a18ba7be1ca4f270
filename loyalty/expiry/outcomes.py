"""What booking and warning come to."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Result


@dataclass(frozen=True)
class Booked(Result):
    """What had opened or lapsed was booked."""

    code = "booked"
    opened: int
    lapsed: int
    balance: int


@dataclass(frozen=True)
class ExpiryWarned(Result):
    """Notices were written for points about to lapse: (range key, points, expires_on) each."""

    code = "expiry_warned"
    moves_points = False
    warnings: tuple[tuple[str, int, date], ...]
