"""The outcomes of warning the inactive and of forfeiting their points."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Result


@dataclass(frozen=True)
class InactivityWarned(Result):
    """On `warned_on` a notice was written: without a visit the `points` are forfeited on `gone_on`."""

    code = "inactivity_warned"
    moves_points = False
    silent_since: date
    warned_on: date
    points: int
    gone_on: date


@dataclass(frozen=True)
class PointsForfeited(Result):
    """The points of a member who has not been seen since `silent_since` are gone."""

    code = "points_forfeited"
    silent_since: date
    points: int
