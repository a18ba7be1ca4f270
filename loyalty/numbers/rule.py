"""The section of the rule set for operators' numbers: what a point costs, who counts as active, and the industry's unused share."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from loyalty.programme.declaring.better import NEUTRAL
from loyalty.programme.declaring.faults import Fault, refuse
from loyalty.programme.declaring.sections import Points, Rule

Percent = Annotated[int, Field(ge=0, le=100)]
Days = Annotated[int, Field(ge=1, le=730)]
Industry = Literal["retail", "catering", "ecommerce", "beauty", "all"]
INDUSTRIES: Final[dict[Industry, str]] = {
    "retail": "零售", "catering": "餐饮", "ecommerce": "电商", "beauty": "美业", "all": "各行业平均",
}  # fmt: skip
SOURCE: Final = "参考值是随程序附带的行业经验数，没有统一的口径，可以在规则的“经营数据”里改成自己的。"
"""Where the references come from, as pages say it beside them."""


class Activity(Rule):
    """Who counts as active. A member who did nothing for `risk_days` may be lost."""

    active_days: Annotated[Days, NEUTRAL] = Field(
        default=30, title="活跃天数", description="最近多少天内来过算活跃。"
    )
    risk_days: Annotated[Days, NEUTRAL] = Field(
        default=90, title="流失天数", description="超过多少天没来算流失风险，要比活跃天数多。"
    )
    often_days: Annotated[int, Field(ge=1, le=90), NEUTRAL] = Field(
        default=6, title="高频天数", description="最近 90 天里来过多少天算来得多。"
    )
    valuable_points: Annotated[Points, NEUTRAL] = Field(
        default=1000, title="高价值积分", description="最近 365 天得到多少积分算价值高。"
    )

    @model_validator(mode="after")
    def _risk_comes_later(self) -> Self:
        if self.risk_days <= self.active_days:
            refuse([Fault(("risk_days",), "要比 active_days 多")])
        return self


class StaleReference(Rule):
    """The share of points that stay unused, in percent, by industry."""

    retail: Annotated[Percent, NEUTRAL] = Field(
        default=60, title="零售", description="零售业的滞销率，百分之几。"
    )
    catering: Annotated[Percent, NEUTRAL] = Field(
        default=48, title="餐饮", description="餐饮业的滞销率，百分之几。"
    )
    ecommerce: Annotated[Percent, NEUTRAL] = Field(
        default=41, title="电商", description="电商的滞销率，百分之几。"
    )
    beauty: Annotated[Percent, NEUTRAL] = Field(
        default=66, title="美业", description="美业的滞销率，百分之几。"
    )
    all: Annotated[Percent, NEUTRAL] = Field(
        default=53, title="平均", description="各行业平均的滞销率，百分之几。"
    )


class Figures(Rule):
    """How operators' numbers are computed; nothing of it reaches members."""

    point_cost_fen: Annotated[int | None, Field(ge=0, le=1_000_000), NEUTRAL] = Field(
        default=None, title="百分成本", description="每 100 积分折合多少分钱，用来算积分负债；不写就不算。"
    )
    industry: Annotated[Industry, NEUTRAL] = Field(
        default="all",
        title="行业",
        description="和哪个行业比：retail 零售、catering 餐饮、ecommerce 电商、beauty 美业、all 各行业平均。",
    )
    stale_reference: Annotated[StaleReference, NEUTRAL] = Field(
        default=StaleReference(), title="滞销参考", description="各行业滞销率的参考值，可以改成自己的。"
    )
    mature_days: Annotated[Days, NEUTRAL] = Field(
        default=180, title="成熟天数", description="发放满多少天的积分才算进滞销率。"
    )
    activity: Annotated[Activity, NEUTRAL] = Field(
        default=Activity(), title="活跃分层", description="会员按多久没来、来得多不多、积分多不多分成四层。"
    )
