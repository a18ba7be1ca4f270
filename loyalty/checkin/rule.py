"""The rule of the daily sign-in: points per day, and a ladder of bonuses for days in a row."""

from collections.abc import Sequence
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
        """The points of the `streak`-th day in a row, and how many of them are bonus."""
        day = (streak - 1) % self.cycle_days + 1
        bonus = sum(step.bonus for step in self.ladder if step.streak == day)
        return self.points + bonus, bonus

    def next_bonus(self, streak: int) -> tuple[int, int] | None:
        """The next bonus after `streak` days in a row, as (points, days until then); None without a ladder."""
        for ahead in range(1, self.cycle_days + 1):
            bonus = self.award(streak + ahead)[1]
            if bonus:
                return bonus, ahead
        return None


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
