"""The tiers of a rule set as a ladder: which rung the metrics reach, which one a review leaves. Pure.

A rung is a place in the list of tiers, 0 for the lowest.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

from loyalty.tiers.rule import Metric, Need, Tier, TierReview

UNREACHABLE: Final = 2**62
"""The growth value at which a tier is reached that growth since joining cannot reach alone."""
REVIEWED_BY: Final = {"year": "year", "quarter": "quarter", "rolling": "days_365"}
"""The period on which each kind of review looks back."""


class Metrics(NamedTuple):
    """What a member did within a period."""

    growth: int = 0
    active_days: int = 0
    spend_fen: int = 0


Measured = Mapping[str, Metrics]
"""Metrics by period: `ever`, `year`, `quarter`, `days_365`. An absent period has zeros."""


class Goal(NamedTuple):
    """A number that a metric must reach within a period."""

    metric: Metric
    within: str
    at_least: int

    def have(self, measured: Measured) -> int:
        """The member's number."""
        value: int = getattr(measured.get(self.within, Metrics()), self.metric)
        return value

    @property
    def is_lifetime_growth(self) -> bool:
        """Whether it is a growth value since joining, which an account knows by itself."""
        return (self.metric, self.within) == ("growth", "ever")


class Goals(NamedTuple):
    """Goals of which any or all must be reached."""

    goals: tuple[Goal, ...]
    need: Need

    def are_met(self, measured: Measured) -> bool:
        """Whether enough of them are reached; there is at least one."""
        met = (goal.have(measured) >= goal.at_least for goal in self.goals)
        return any(met) if self.need == "any" else all(met)


@dataclass(frozen=True, eq=False)
class Ladder:
    """The tiers with their review. `is_kept`: members have a tier by their history, and not by their growth value alone."""

    tiers: tuple[Tier, ...]
    review: TierReview | None = None

    @property
    def is_kept(self) -> bool:
        """Whether tiers are stored with their history."""
        return self.review is not None

    @property
    def falls(self) -> bool:
        """Whether any tier can be lost."""
        return self.review is not None and self.review.by != "never"

    @cached_property
    def reaching(self) -> tuple[Goals, ...]:
        """What reaches each rung; the lowest has no goals."""
        return tuple(_reaching(tier) for tier in self.tiers)

    @cached_property
    def keeping(self) -> tuple[Goals | None, ...]:
        """What keeps each rung at a review; None where nothing is asked."""
        within = REVIEWED_BY[self.review.by] if self.review and self.falls else ""
        return tuple(
            Goals(tuple(Goal(line.metric, within, line.at_least) for line in tier.keep.lines), tier.keep.need)
            if tier.keep and within
            else None
            for tier in self.tiers
        )

    @cached_property
    def beyond_growth(self) -> bool:
        """Whether reaching a tier depends on more than the growth value since joining."""
        return not all(goal.is_lifetime_growth for goals in self.reaching for goal in goals.goals)

    def by_growth(self, growth: int) -> int:
        """The highest rung that this growth value since joining reaches by itself."""
        return bisect_right(self.thresholds, growth) - 1

    @cached_property
    def thresholds(self) -> tuple[int, ...]:
        """For each rung the least growth value since joining that reaches it or a higher one by itself."""
        alone = [_growth_alone(goals) for goals in self.reaching]
        return tuple(reversed(list(accumulate(reversed(alone), min))))

    def rung(self, tier_id: str | None) -> int | None:
        """The rung of that id; None for an id that no tier has any more."""
        return self._rungs.get(tier_id or "")

    @cached_property
    def _rungs(self) -> dict[str, int]:
        return {tier.id: rung for rung, tier in enumerate(self.tiers)}

    def held(self, tier_id: str | None, growth: int) -> int:
        """The rung of a member whose history says `tier_id`; by the growth value where it says nothing that the rules know."""
        rung = self.rung(tier_id) if self.is_kept else None
        return self.by_growth(growth) if rung is None else rung

    def tier(self, tier_id: str | None, growth: int) -> Tier:
        """The tier of a member whose history says `tier_id`."""
        return self.tiers[self.held(tier_id, growth)]

    def reached(self, measured: Measured, lost: Collection[int] = ()) -> int:
        """The highest rung reached. One that was lost at a review takes its keep-line within the present period, too."""
        return next(
            rung
            for rung in reversed(range(len(self.tiers)))
            if self.reaching[rung].are_met(measured) and (rung not in lost or self.is_earned(rung, measured))
        )

    def is_earned(self, rung: int, measured: Measured) -> bool:
        """Whether the keep-line of a rung is met within the period of the review; a tier without one is never lost."""
        keeping = self.keeping[rung]
        return keeping is None or keeping.are_met(measured)

    def below(self, rung: int, measured: Measured) -> int:
        """The rung that a member falls to who has not kept `rung`."""
        if self.review is not None and self.review.drop == "level":
            return next(one for one in reversed(range(rung)) if not one or self.is_earned(one, measured))
        return rung - 1


def _reaching(tier: Tier) -> Goals:
    if tier.reach is None:
        return Goals((Goal("growth", "ever", tier.growth),) if tier.growth else (), "all")
    goals = (Goal(line.metric, line.within, line.at_least) for line in tier.reach.lines)
    return Goals(tuple(goals), tier.reach.need)


def _growth_alone(goals: Goals) -> int:
    if not goals.goals:
        return 0
    needed = [goal.at_least if goal.is_lifetime_growth else UNREACHABLE for goal in goals.goals]
    return max(needed) if goals.need == "all" else min(needed)
