"""Quiet hours: when notices that no member has just caused do not ring, and how they are spread over the other hours of a day."""

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from loyalty.ledger.calendar import business_day
from loyalty.programme.declaring.faults import Fault, refuse
from loyalty.programme.declaring.sections import Rule

Hour = Annotated[int, Field(ge=0, le=23)]

SPREAD: Final = 0.9
"""The part of the open hours over which notices are spread; the rest is for those that are sent late."""
WINDOW_DAYS: Final = 2
"""A member who wrote can be answered for 48 hours (WeChat docs: 客服消息), so a window ends on the second day after the visit."""


class QuietHours(Rule):
    """From `from_hour` to `until_hour` o'clock in the programme's zone, overnight where it is the later one."""

    from_hour: Hour = Field(default=21, title="从几点", description="从几点起不发，如 21 表示晚上九点。")
    until_hour: Hour = Field(
        default=9, title="到几点", description="到几点为止；比开始的钟点小，就是到第二天。"
    )

    @model_validator(mode="after")
    def _leave_hours_open(self) -> Self:
        if self.from_hour == self.until_hour:
            refuse([Fault(("until_hour",), "不能和 from_hour 相同；不要免打扰时段就写 quiet_hours: null")])
        return self


class OpenHours(NamedTuple):
    """The hours between two nights' quiet hours."""

    begin: datetime
    end: datetime


def open_hours(quiet: QuietHours, now: datetime, zone: ZoneInfo) -> OpenHours:
    """The open hours that contain `now`, or else the next ones."""
    spans = (
        _open_hours_from(quiet, business_day(now, zone) + timedelta(days=shift), zone) for shift in (-1, 0, 1)
    )
    return next(span for span in spans if span.end > now)


def unprompted_at(
    quiet: QuietHours | None,
    member_id: int,
    now: datetime,
    zone: ZoneInfo,
    *,
    seen_on: date | None,
    gone_at: datetime | None,
) -> datetime:
    """The instant to send a notice that no member has just caused: in open hours, at the member's own place in them.

    Repeats give the same instant, because the place is a hash of the member id; a notice that is late for it gets the same place in
    the hours that are left. It comes before `gone_at`, from when on it is of no use, in quiet hours if need be. A member last seen
    two days before may have a customer-service window that ends on this day, so the notice is sent at its first open moment.
    """
    if quiet is None:
        return now
    begin, end = open_hours(quiet, now, zone)
    first = max(begin, now)
    if gone_at is not None:
        if first >= gone_at:
            return now
        end = min(end, gone_at)
    if seen_on is not None and business_day(first, zone) - seen_on == timedelta(days=WINDOW_DAYS):
        return first
    share = SPREAD * _place(member_id)
    planned = begin + (end - begin) * share
    return planned if planned >= now else now + (end - now) * share


def _open_hours_from(quiet: QuietHours, day: date, zone: ZoneInfo) -> OpenHours:
    ends_on = day if quiet.from_hour > quiet.until_hour else day + timedelta(days=1)
    return OpenHours(_at(day, quiet.until_hour, zone), _at(ends_on, quiet.from_hour, zone))


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone)


def _place(member_id: int) -> float:
    """A number from 0 to 1 that is always the same for a member and evenly spread over many."""
    return int.from_bytes(hashlib.sha256(str(member_id).encode()).digest()[:8]) / 2**64
