"""The outcomes of tiers that are reached, reviewed, warned of, or asked for."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Refusal, Result


@dataclass(frozen=True)
class TierChanged(Result):
    """The member's tier went from `came_from` to `tier`, called `name`; `why` as in `SpanRow`."""

    code = "tier_changed"
    moves_points = False
    tier: str
    name: str
    came_from: str
    why: str
    rose: bool


@dataclass(frozen=True)
class TierReviewed(Result):
    """The review of the day `until` left the member in `tier`, called `name`, or let them fall to it from `came_from`."""

    code = "tier_reviewed"
    moves_points = False
    tier: str
    name: str
    came_from: str
    kept: bool
    until: date


@dataclass(frozen=True)
class TierWarned(Result):
    """A notice was written: the member has not yet kept `tier` for the review of the day `review_on`."""

    code = "tier_warned"
    moves_points = False
    tier: str
    review_on: date


@dataclass(frozen=True)
class TierRequired(Refusal):
    """Only members of certain tiers may have it. `tiers` are their names, lowest first; nothing was taken."""

    code = "tier_required"
    title = "等级不够"
    category = "forbidden"
    public_fields = ("tiers",)
    stored = True
    tiers: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Names the tiers."""
        return f"需要{'或'.join(self.tiers)}。"
