"""The rules of how long points last, and when members are warned before they lapse."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from loyalty.expiry.extension.rule import ExtensionRule
from loyalty.expiry.inactivity.rule import InactivityRule
from loyalty.programme.declaring.better import Better
from loyalty.programme.declaring.faults import Fault, at_most, items, refuse
from loyalty.programme.declaring.lapse import MOST_DAYS, Expiry
from loyalty.programme.declaring.sections import Rule, Template

Days = Annotated[int, at_most(MOST_DAYS)]


class ExpiryRule(Expiry):
    """How long points last where the rule by which they were earned does not say otherwise, and how members put that off."""

    extension: Annotated[ExtensionRule | None, Better("higher", null="worst")] = Field(
        default=None, title="延期", description="会员可以把快到期的积分延期一次；不写就不能延期。"
    )
    inactivity: Annotated[InactivityRule | None, Better("lower", null="best")] = Field(
        default=None, title="久未来访清零", description="很久没来的会员，提醒之后积分清零；不写就不清零。"
    )


class ExpiryNotice(Rule):
    """Warnings before points lapse, one per range of days left; a range is (from, to), both inclusive, with from ≥ to."""

    template: Template | None = Field(
        default=None,
        title="模板消息",
        description="公众号的模板消息；不写就只在会员与公众号聊天后的窗口期里提醒。",
    )
    ranges_days: Annotated[tuple[tuple[Days, Days], ...], items(10)] = Field(
        default=((30, 8), (7, 2), (1, 1)),
        title="提醒的时间",
        description="到期前多少天到多少天之间提醒一次，从远到近写，例如 [[30, 8], [7, 2], [1, 1]]；1 表示最后一天。",
    )

    @model_validator(mode="after")
    def _ranges_fall(self) -> Self:
        found, nearest = [], MOST_DAYS
        for place, (first, last) in enumerate(self.ranges_days):
            if not nearest >= first >= last >= 1:
                found.append(
                    Fault(("ranges_days", place), "每一段要从远到近写，各段也从远到近排，最近是 1 天")
                )
            nearest = min(nearest, last)
        refuse(found)
        return self

    def range_of(self, days_left: int) -> str | None:
        """The range of `days_left` as `from-to`, if any. With 1 day left, today is the last day to use the points."""
        for first, last in self.ranges_days:
            if last <= days_left <= first:
                return f"{first}-{last}"
        return None
