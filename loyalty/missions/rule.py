"""The rule of a mission: its steps, how many of them are needed, how often it can be finished, and what it brings."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from loyalty.ledger.ids import Id
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, LOWER_IS_BETTER, NEUTRAL, UNKNOWN, Better
from loyalty.programme.declaring.faults import Fault, items, refuse
from loyalty.programme.declaring.sections import Points, Rule, Title
from loyalty.programme.declaring.windows import Windowed

Period: TypeAlias = Literal["once", "day", "week", "month"]
Count = Annotated[int, Field(ge=1, le=1000)]

EVENT: Final = "event:"
"""The prefix of the action of a step that counts events of a kind."""
MOST_SIGN_INS: Final = {"day": 1, "week": 7, "month": 31}
"""The sign-ins that are possible in a period."""
PERIODS: Final = {"day": "一天", "week": "一周", "month": "一个月"}


class Step(Rule):
    """One step: so many events of a kind, sign-ins, draws or redemptions."""

    event: Annotated[Id | None, UNKNOWN] = Field(
        default=None,
        title="事件",
        description="哪一种事件算这一步，写 events 里的编号，如 purchase；不写就是下面三种之一。",
    )
    times: Annotated[Count | None, LOWER_IS_BETTER] = Field(
        default=None, title="次数", description="事件要发生几次；只和 event 一起写，不写就是 1 次。"
    )
    check_in: Annotated[Count | None, LOWER_IS_BETTER] = Field(
        default=None, title="签到次数", description="要签到几次；补签不算。"
    )
    draw: Annotated[Count | None, LOWER_IS_BETTER] = Field(
        default=None, title="抽奖次数", description="要抽几次奖，哪个转盘都算。"
    )
    redeem: Annotated[Count | None, LOWER_IS_BETTER] = Field(
        default=None, title="兑换次数", description="要兑换几次礼品。"
    )

    @model_validator(mode="after")
    def _is_one_action(self) -> Self:
        if len(list(self._counted())) != 1:
            refuse([Fault((), "每一步要写 event、check_in、draw、redeem 中的一种，只写一种")])
        if self.times is not None and self.event is None:
            refuse([Fault(("times",), "只和 event 一起写；别的步骤把次数写在后面，如 check_in: 3")])
        return self

    @property
    def action(self) -> str:
        """What counts for the step: `check_in`, `draw`, `redeem`, or `event:` and the kind of event."""
        return next(self._counted())[0]

    @property
    def of(self) -> int:
        """How often it is needed."""
        return next(self._counted())[1]

    def _counted(self) -> Iterator[tuple[str, int]]:
        if self.event is not None:
            yield f"{EVENT}{self.event}", self.times or 1
        for action in ("check_in", "draw", "redeem"):
            if (times := getattr(self, action)) is not None:
                yield action, times


class MissionReward(Rule):
    """What a finished mission brings: points, and a free draw."""

    points: Annotated[Points, HIGHER_IS_BETTER] = Field(
        default=0, title="积分", description="完成一次得多少积分。"
    )
    ticket: Annotated[Id | None, Better("unknown", null="worst")] = Field(
        default=None, title="抽奖券", description="完成一次另得一次免费抽奖，写转盘的编号；不写就没有。"
    )

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if not self.points and self.ticket is None:
            refuse([Fault(("points",), "完成任务要有奖励：写积分（points）或抽奖券（ticket）")])
        return self


class InARow(Rule):
    """A bonus for every `periods` periods in a row in which the mission is finished."""

    periods: Annotated[int, Field(ge=2, le=366), LOWER_IS_BETTER] = Field(
        title="连续几期", description="连续几天、几周或几个月都完成；满了以后重新数。"
    )
    bonus: Annotated[Points, Field(ge=1), HIGHER_IS_BETTER] = Field(
        title="另送积分", description="连续完成这么多期时另送多少。"
    )


class _MissionItems(Rule):
    """The items of a mission, but for its window."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的名称。")
    steps: Annotated[tuple[Step, ...], Field(min_length=1), items(20), UNKNOWN] = Field(
        title="步骤", description="任务由哪几步组成，同一种行为只写一步。"
    )
    tiers: Annotated[tuple[Id, ...], items(20), UNKNOWN] = Field(
        default=(),
        title="限哪些等级",
        description="只有这些等级的会员做的才算，写等级的编号；不写就不限。",
    )
    need: Annotated[Annotated[int, Field(ge=1)] | None, Better("lower", null="worst")] = Field(
        default=None, title="要完成几步", description="完成其中几步就算完成任务；不写就是每一步都要。"
    )
    period: Annotated[Period, UNKNOWN] = Field(
        default="once",
        title="周期",
        description="once 每人一次，day 每天一次，week 每周（周一到周日）一次，month 每个自然月一次。",
    )
    reward: MissionReward = Field(title="奖励", description="完成一次得到什么。")
    in_a_row: Annotated[InARow | None, Better("higher", null="worst")] = Field(
        default=None, title="连续完成", description="连续几期都完成，另送积分；不写就没有。"
    )


class Mission(Windowed, _MissionItems):
    """A mission: a member who takes `needed` of its steps within a period gets the reward, once per period."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        refuse([*self._step_faults(), *self.window_faults()])
        if self.need is not None and self.need > len(self.steps):
            refuse([Fault(("need",), f"只有 {len(self.steps)} 步，不能要求完成 {self.need} 步")])
        if self.period == "once" and self.in_a_row is not None:
            refuse(
                [Fault(("in_a_row",), "每人一次（once）的任务没有连续完成，请把周期改成 day、week 或 month")]
            )
        return self

    def _step_faults(self) -> Iterator[Fault]:
        seen: set[str] = set()
        for place, step in enumerate(self.steps):
            if step.action in seen:
                yield Fault(("steps", place), "和前面的一步是同一种行为，请合成一步")
            seen.add(step.action)
            most = MOST_SIGN_INS.get(self.period)
            if step.check_in is not None and most is not None and step.check_in > most:
                sentence = f"{PERIODS[self.period]}最多签到 {most} 次，到不了 {step.check_in} 次"
                yield Fault(("steps", place, "check_in"), sentence)

    @property
    def needed(self) -> int:
        """How many of the steps finish it."""
        return len(self.steps) if self.need is None else self.need


def by_action(missions: Sequence[Mission]) -> dict[str, tuple[Mission, ...]]:
    """The missions that each action counts for, in the order of the rules."""
    found: dict[str, tuple[Mission, ...]] = {}
    for mission in missions:
        for step in mission.steps:
            found[step.action] = (*found.get(step.action, ()), mission)
    return found
