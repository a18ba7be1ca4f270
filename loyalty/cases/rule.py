"""The rule of cases: how much one member may spend before somebody looks at it."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from loyalty.programme.declaring.better import HIGHER_IS_BETTER, Better
from loyalty.programme.declaring.faults import Fault, refuse
from loyalty.programme.declaring.sections import Points, Rule

MOST_TIMES: Final = 1000
Limit = Annotated[Annotated[Points, Field(ge=1)] | None, Better("higher", null="best")]
Times = Annotated[Annotated[int, Field(ge=1, le=MOST_TIMES)] | None, Better("higher", null="best")]


class RiskRule(Rule):
    """What one member may spend within an hour of the clock and within a day; null means no limit of that kind.

    A day is unusual from `times_usual` times the points of the member's usual day, but not below `least_points`.
    """

    times_usual: Annotated[int | None, Field(ge=2, le=MOST_TIMES), Better("higher", null="best")] = Field(
        default=10,
        title="平时的几倍",
        description="一天花的积分达到这位会员平时一天的多少倍，就暂停花积分、等人审核；不写就不和平时比。",
    )
    least_points: Annotated[Points, Field(ge=1), HIGHER_IS_BETTER] = Field(
        default=1000, title="少于多少不比", description="一天花的积分少于这么多，不和平时比。"
    )
    hour_times: Times = Field(
        default=None,
        title="一小时次数",
        description="一个钟头里（从整点算起）最多花几次积分，再多就暂停；不写就不限。",
    )
    hour_points: Limit = Field(
        default=None,
        title="一小时积分",
        description="一个钟头里（从整点算起）最多花多少积分，再多就暂停；不写就不限。",
    )
    day_times: Times = Field(
        default=None, title="一天次数", description="一天里最多花几次积分，再多就暂停；不写就不限。"
    )
    day_points: Limit = Field(
        default=None, title="一天积分", description="一天里最多花多少积分，再多就暂停；不写就不限。"
    )

    @model_validator(mode="after")
    def _something_is_watched(self) -> Self:
        watched = self.times_usual, self.hour_times, self.hour_points, self.day_times, self.day_points
        if not any(watched):
            refuse([Fault((), "每一项都没有写，等于没有风控：请写一项，或者把这一节去掉")])
        return self
