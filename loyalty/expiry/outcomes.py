"""The outcomes of booking and of warning."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Result


@dataclass(frozen=True)
class Booked(Result):
    """Lots were opened or lapsed."""

    code = "booked"
    opened: int
    lapsed: int
    balance: int


@dataclass(frozen=True)
class ExpiryWarned(Result):
    """Notices were written for points that lapse soon, as (range key, points, expires_on) each."""

    code = "expiry_warned"
    moves_points = False
    warnings: tuple[tuple[str, int, date], ...]
