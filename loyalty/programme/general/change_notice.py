"""The rule of notices about changes of a member's points."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from loyalty.programme.declaring.better import NEUTRAL
from loyalty.programme.declaring.faults import items
from loyalty.programme.declaring.sections import Rule, Template
from loyalty.programme.declaring.templates import without_date

Change: TypeAlias = Literal["award", "refund", "redemption", "voucher_used", "deduction"]
"""Kinds of changes of which members are told."""


class ChangeNotice(Rule):
    """A notice per change of these kinds, as soon as it is booked."""

    on: Annotated[tuple[Change, ...], Field(min_length=1), items(5), NEUTRAL] = Field(
        title="哪些变动",
        description="award 上报的事件得到积分，refund 退款收回积分，redemption 兑换礼品，voucher_used 券已核销，"
        "deduction 付款时抵扣了积分。",
    )
    subscribe: Annotated[Annotated[Template, without_date()] | None, NEUTRAL] = Field(
        default=None, title="订阅消息", description="小程序的订阅消息，会员同意过才能发；不写就不用。"
    )
    template: Annotated[Annotated[Template, without_date()] | None, NEUTRAL] = Field(
        default=None,
        title="模板消息",
        description="公众号的模板消息；不写就只在会员与公众号聊天后的窗口期里提醒。",
    )
