"""Commands that change a member's tier, or speak of it."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.tiers.measuring import Measuring


@dataclass(frozen=True, kw_only=True)
class SetTier(Measuring):
    """Set the member's tier to what they have reached. It rises; after a refund (`refunded`) it may also fall.

    `before` is the tier by the growth value before the command that this one follows, for a member without history.
    """

    name = "set_tier"

    before: str | None = None
    refunded: bool = False

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "set_tier", self.request_key


@dataclass(frozen=True, kw_only=True)
class ReviewTier(Measuring):
    """Review the member's tier on the day `until`, by what they did in the period before it; once per review."""

    name = "review_tier"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "review_tier", f"{self.until}"


@dataclass(frozen=True, kw_only=True)
class WarnTier(Measuring):
    """Warn a member who has not yet kept their tier for the review of the day `review_on`; once per review."""

    name = "warn_tier"

    review_on: date

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "warn_tier", self.review_on.isoformat()
