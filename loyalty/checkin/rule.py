"""The rule of the daily sign-in: points per day, and a ladder of bonuses for days in a row."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from loyalty.programme.sections import Points, Rule


class LadderStep(Rule):
    """On day `streak` of each cycle the sign-in pays `bonus` in addition."""

    streak: Annotated[int, Field(ge=1)]
    bonus: Points


class CheckInRule(Rule):
    """Daily sign-in: `points` each day, and a ladder of bonuses that starts again after `cycle_days`."""

    points: Annotated[Points, Field(ge=1)]
    cycle_days: Annotated[int, Field(ge=1, le=366)] = 7
    ladder: tuple[LadderStep, ...] = ()

    @model_validator(mode="after")
    def _ladder_is_fair(self) -> Self:
        steps = [step.streak for step in self.ladder]
        if steps != sorted(set(steps)):
            raise ValueError("check_in.ladder: steps must rise, each once")
        if steps and steps[-1] > self.cycle_days:
            raise ValueError("check_in.ladder: a step lies beyond cycle_days")
        if not _keeping_is_best([self.award(day)[0] for day in range(1, self.cycle_days + 1)]):
            raise ValueError("check_in.ladder: a member would gain by skipping a day")
        return self

    def award(self, streak: int) -> tuple[int, int]:
        """Points of the `streak`-th day in a row, and how much of it is bonus."""
        bonus = self._bonuses.get(self._day(streak), 0)
        return self.points + bonus, bonus

    def next_bonus(self, streak: int) -> tuple[int, int] | None:
        """(bonus points, days to go) of the next step after `streak` days in a row; None without a ladder."""
        days = self._paying_days
        if not days:
            return None
        today = self._day(streak)
        place = bisect_right(days, today)
        day = days[place] if place < len(days) else days[0] + self.cycle_days
        return self._bonuses[days[place % len(days)]], day - today

    def _day(self, streak: int) -> int:
        """Which day of the cycle the `streak`-th day in a row is, from 1."""
        return (streak - 1) % self.cycle_days + 1

    @cached_property
    def _bonuses(self) -> dict[int, int]:
        """The bonus by day of the cycle."""
        return {step.streak: step.bonus for step in self.ladder}

    @cached_property
    def _paying_days(self) -> tuple[int, ...]:
        """The days of the cycle that pay a bonus, rising."""
        return tuple(step.streak for step in self.ladder if step.bonus)


def _keeping_is_best(awards: Sequence[int]) -> bool:
    """Whether signing in every day earns at least as much as skipping one day and starting again, from any day on."""
    cycle = len(awards)
    for position in range(cycle):
        kept = restarted = 0
        for ahead in range(2 * cycle):
            kept += awards[(position + ahead) % cycle]
            restarted += awards[(ahead - 1) % cycle] if ahead else 0
            if restarted > kept:
                return False
    return True
