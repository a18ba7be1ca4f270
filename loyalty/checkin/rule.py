"""The rule of the daily sign-in: points per day, and a ladder of bonuses for days in a row."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import lcm
from typing import Annotated, Self

from pydantic import Field, model_validator

from loyalty.ledger.ids import Id
from loyalty.programme.declaring.better import TOGETHER, Better
from loyalty.programme.declaring.faults import Fault, items, refuse
from loyalty.programme.declaring.sections import Points, Rule


class LadderStep(Rule):
    """On day `streak` of each cycle the sign-in pays `bonus` in addition, and brings a voucher of the reward `unlock`."""

    streak: Annotated[int, Field(ge=1)] = Field(title="第几天", description="连续签到到第几天。")
    bonus: Points = Field(default=0, title="另送积分", description="那一天在每天的积分之外另送多少。")
    unlock: Id | None = Field(
        default=None,
        title="解锁礼品",
        description="那一天另送一张礼品的券，写 rewards 里的编号；只能写在一轮的最后一天，礼品要不限量。",
    )


class CheckInRule(Rule):
    """Daily sign-in: `points` each day, and a ladder of bonuses that starts again after `cycle_days`."""

    points: Annotated[Points, Field(ge=1), TOGETHER] = Field(
        title="每天积分", description="每天签到得多少积分。"
    )
    cycle_days: Annotated[int, Field(ge=1, le=366), TOGETHER] = Field(
        default=7, title="一轮天数", description="连续签到满这么多天后，从第 1 天重新算。"
    )
    ladder: Annotated[tuple[LadderStep, ...], items(366), TOGETHER] = Field(
        default=(), title="连签奖励", description="连续签到到哪一天另送多少积分，天数从小到大写。"
    )

    most_per_day: Annotated[Annotated[Points, Field(ge=1)] | None, Better("higher", null="best")] = Field(
        default=None,
        title="每天上限",
        description="一天里签到、连签奖励和补签合计最多得多少积分，超过的部分不给；不写就没有上限。",
    )

    @model_validator(mode="after")
    def _cap_leaves_the_sign_in(self) -> Self:
        if self.most_per_day is not None and self.most_per_day < self.points:
            refuse([Fault(("most_per_day",), f"不能比每天签到的 {self.points:,} 积分还少")])
        return self

    @model_validator(mode="after")
    def _ladder_is_fair(self) -> Self:
        refuse([fault for place in range(len(self.ladder)) for fault in self._step_faults(place)])
        if not _keeping_is_best([self.award(day)[0] for day in range(1, self.cycle_days + 1)]):
            refuse([Fault(("ladder",), "照这样给，会员故意漏签一天反而拿得更多；请把大的奖励放在后面几天")])
        return self

    def _step_faults(self, place: int) -> Iterator[Fault]:
        streak = self.ladder[place].streak
        if place and streak <= self.ladder[place - 1].streak:
            yield Fault(("ladder", place, "streak"), "天数要从小到大写，同一天只写一次")
        if streak > self.cycle_days:
            sentence = f"一轮只有 {self.cycle_days} 天（cycle_days），到不了第 {streak} 天"
            yield Fault(("ladder", place, "streak"), sentence)
        elif self.ladder[place].unlock is not None and streak < self.cycle_days:
            sentence = (
                f"礼品要写在一轮的最后一天（第 {self.cycle_days} 天），否则会员故意漏签一天反而拿得更多"
            )
            yield Fault(("ladder", place, "unlock"), sentence)

    def losses(self, before: "CheckInRule") -> Iterator[Fault]:
        """The first day in a row that pays less than before; from a common multiple of both cycles on the days repeat.

        Also a reward that is unlocked no more, or later.
        """
        was_unlocked = (before.unlocked(before.cycle_days), before.cycle_days)
        unlocked = (self.unlocked(self.cycle_days), self.cycle_days)
        if was_unlocked[0] is not None and unlocked != was_unlocked:
            yield Fault(("ladder",), f"连签 {was_unlocked[1]} 天解锁的 {was_unlocked[0]} 变了")
        for streak in range(1, lcm(self.cycle_days, before.cycle_days) + 1):
            was, now = before.award(streak)[0], self.award(streak)[0]
            if now < was:
                yield Fault((), f"连签第 {streak} 天得的积分 {was:,} → {now:,}")
                return

    def award(self, streak: int) -> tuple[int, int]:
        """Points of the `streak`-th day in a row, and how much of it is bonus."""
        bonus = self._bonuses.get(self._day(streak), 0)
        return self.points + bonus, bonus

    def unlocked(self, streak: int) -> str | None:
        """The reward that the `streak`-th day in a row unlocks, if any."""
        return self._unlocks.get(self._day(streak))

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
    def _unlocks(self) -> dict[int, str]:
        """The unlocked rewards by day of the cycle."""
        return {step.streak: step.unlock for step in self.ladder if step.unlock is not None}

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
