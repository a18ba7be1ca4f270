"""The rule of refunds: how much a member may come to owe."""

from typing import Annotated

from pydantic import Field

from loyalty.programme.declaring.better import LOWER_IS_BETTER
from loyalty.programme.declaring.sections import Points, Rule


class Refunds(Rule):
    """Points of a refunded order that were spent already become a debt of at most `most_debt`, which later points repay."""

    most_debt: Annotated[Points, LOWER_IS_BETTER] = Field(
        default=10_000_000,
        title="欠分上限",
        description="退款要收回的积分已经用掉时，最多记欠多少分，由以后的积分补上；0 表示用掉的不追。",
    )
