"""The rules of how long points last, and when members are warned before they lapse."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from loyalty.programme.sections import Rule, Template


class ExpiryRule(Rule):
    """Points lapse at the end of the month that is `months` after the month they were earned in; null means never."""

    months: Annotated[int, Field(ge=1, le=120)] | None


class ExpiryNotice(Rule):
    """Warnings before points lapse, one per range of days left; a range is (from, to), both inclusive, with from ≥ to."""

    template: Template | None = None
    ranges_days: tuple[tuple[int, int], ...] = ((30, 8), (7, 2), (1, 1))

    @model_validator(mode="after")
    def _ranges_fall(self) -> Self:
        edges = [edge for pair in self.ranges_days for edge in pair]
        if edges != sorted(edges, reverse=True) or any(edge < 1 for edge in edges):
            raise ValueError("notices.expiry.ranges_days: ranges must fall and not reach below one day")
        return self

    def range_of(self, days_left: int) -> str | None:
        """The range of `days_left` as `from-to`, if any. With 1 day left, today is the last day to use the points."""
        for first, last in self.ranges_days:
            if last <= days_left <= first:
                return f"{first}-{last}"
        return None
