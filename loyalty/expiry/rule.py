"""How long points last, and when a member is warned before they are gone."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from loyalty.programme.sections import Rule, Template


class ExpiryRule(Rule):
    """Points lapse `months` after they were earned, at the end of that month; null means never."""

    months: Annotated[int, Field(ge=1, le=120)] | None


class ExpiryNotice(Rule):
    """Warnings before points lapse: ranges of days left, each (from, to) inclusive with from ≥ to."""

    template: Template | None = None
    ranges_days: tuple[tuple[int, int], ...] = ((30, 8), (7, 2), (1, 1))

    @model_validator(mode="after")
    def _ranges_fall(self) -> Self:
        edges = [edge for pair in self.ranges_days for edge in pair]
        if edges != sorted(edges, reverse=True) or any(edge < 1 for edge in edges):
            raise ValueError("notices.expiry.ranges_days: ranges must fall and not reach below one day")
        return self

    def range_of(self, days_left: int) -> str | None:
        """The range that `days_left` (days until the points are gone; 1: today is the last day) falls in, as `from-to`."""
        for first, last in self.ranges_days:
            if last <= days_left <= first:
                return f"{first}-{last}"
        return None
