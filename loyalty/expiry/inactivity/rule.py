"""The rule of points that are forfeited because their member has not visited for long."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from loyalty.ledger.calendar import add_months
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, NEUTRAL
from loyalty.programme.declaring.faults import at_most
from loyalty.programme.declaring.sections import Rule, Template
from loyalty.programme.declaring.templates import without_date


class InactivityRule(Rule):
    """After `months` without a visit a member's points are forfeited, `warn_days` after a warning at the earliest."""

    months: Annotated[int, Field(ge=1), at_most(120), HIGHER_IS_BETTER] = Field(
        title="多少个月没来", description="会员这么多个月没有来过，积分就清零。"
    )
    warn_days: Annotated[int, Field(ge=1), at_most(366), HIGHER_IS_BETTER] = Field(
        default=30, title="提前提醒天数", description="清零前至少提前多少天提醒会员；提醒之后来过就不清零。"
    )
    subscribe: Annotated[Annotated[Template, without_date()] | None, NEUTRAL] = Field(
        default=None, title="订阅消息", description="小程序的订阅消息，会员同意过才能发；不写就不用。"
    )
    template: Annotated[Template | None, NEUTRAL] = Field(
        default=None, title="模板消息", description="公众号的模板消息；不写就不用。"
    )

    def forfeit_day(self, seen_on: date) -> date:
        """The first day on which somebody last seen on a day has been away for long enough."""
        return add_months(seen_on, self.months)

    def warn_day(self, seen_on: date) -> date:
        """The first day of their warning."""
        return self.forfeit_day(seen_on) - timedelta(days=self.warn_days)

    def gone_on(self, seen_on: date, warned_on: date) -> date:
        """The day on which the points of somebody who was warned are forfeited."""
        return max(self.forfeit_day(seen_on), warned_on + timedelta(days=self.warn_days))

    def seen_at_most(self, today: date) -> date:
        """Nobody who was seen later than on this day has to be warned today."""
        return add_months(today + timedelta(days=self.warn_days), -self.months)
