"""Tiers as pages and APIs show them."""

from dataclasses import dataclass

from loyalty.tiers.rule import Tier


@dataclass(frozen=True)
class TierView:
    """A tier. `growth` is the growth value since joining that reaches it, None where something else does."""

    id: str
    name: str
    growth: int | None
    benefits: tuple[str, ...]
    title: str | None
    badge: str | None


def tier_view(tier: Tier) -> TierView:
    """A tier of the rules in force."""
    return TierView(tier.id, tier.name, tier.growth, tier.benefits, tier.title, tier.badge)
