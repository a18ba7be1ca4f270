"""The rule of the repair card."""

from typing import Annotated, Final

from pydantic import Field

from loyalty.programme.declaring.better import HIGHER_IS_BETTER, Better
from loyalty.programme.declaring.sections import Points, Rule

MOST_DAYS_BACK: Final = 7
"""A missed day can be mended at most so many days later; a rule may allow fewer."""


class RepairRule(Rule):
    """A card mends one missed day of the last `within_days`, at most `per_month` times per calendar month.

    A member without a card pays `price_points` for one when they use it; null means that cards can be won but not bought.
    """

    price_points: Annotated[Annotated[Points, Field(ge=1)] | None, Better("lower", null="worst")] = Field(
        default=None,
        title="补签价格",
        description="没有补签卡的会员补一次签要多少积分；不写就不能用积分补，只能用抽到的卡。",
    )
    within_days: Annotated[int, Field(ge=1, le=MOST_DAYS_BACK), HIGHER_IS_BETTER] = Field(
        default=MOST_DAYS_BACK, title="可补天数", description="最多补多少天以内漏签的日子。"
    )
    per_month: Annotated[int, Field(ge=1, le=31), HIGHER_IS_BETTER] = Field(
        default=2, title="每月次数", description="一个自然月里最多补几次。"
    )
