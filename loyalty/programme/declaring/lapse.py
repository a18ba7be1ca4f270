"""How long points last: for months, for days, until fixed dates of the year, or for ever."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from loyalty.ledger.calendar import expires_on
from loyalty.programme.declaring.better import TOGETHER
from loyalty.programme.declaring.faults import Fault, OfDrafts, at_most, items, refuse
from loyalty.programme.declaring.sections import Rule

MOST_DAYS: Final = 3660
LEAP_YEAR: Final = 2000
FOUR_YEARS: Final = 1461
KINDS: Final = ("months", "days", "fixed", "never")
KINDS_TEXT: Final = "months（月数）、days（天数）、fixed（固定日期）、never（永久有效）"


def _calendar_day(text: str) -> list[Fault]:
    """Faults of a day of the year written as `12-31`."""
    month, _, day = text.partition("-")
    try:
        known = len(text) == 5 and bool(date(LEAP_YEAR, int(month), int(day)))
    except ValueError:
        known = False
    return [] if known else [Fault((), f"要写成月-日，例如 12-31，现在写的是「{text}」")]


def _listed(value: object) -> object:
    """A tuple, as strict types want it after a validator of ours; one date may be written without a list around it."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


CalendarDay = Annotated[str, OfDrafts(_calendar_day, "月-日")]


class Expiry(Rule):
    """How long points last after they were earned; exactly one kind is written.

    `months`: to the end of the month so many months after the month of earning. `days`: so many days, of which the day of earning
    is the first. `fixed`: to the next of these days of the year, and `grace_days` more. `never`: for ever; `months: null` means the
    same.
    """

    months: Annotated[Annotated[int, Field(ge=1, le=120)] | None, TOGETHER] = Field(
        default=None,
        title="有效月数",
        description="积分从获得的月份起再过这么多个月，到那个月的月底失效；写 null 表示永久有效。",
    )
    days: Annotated[Annotated[int, Field(ge=1), at_most(MOST_DAYS)] | None, TOGETHER] = Field(
        default=None, title="有效天数", description="积分从获得当天起有效这么多天，获得当天算第 1 天。"
    )
    fixed: Annotated[tuple[CalendarDay, ...], BeforeValidator(_listed), items(366), TOGETHER] = Field(
        default=(),
        title="清零日期",
        description="每年到这些日期为止，写成月-日，例如 12-31；按季度清零写 [03-31, 06-30, 09-30, 12-31]。"
        "积分到获得之后最近的一个日期为止有效；02-29 在平年就是 2 月 28 日。",
    )
    grace_days: Annotated[int, Field(ge=0), at_most(366), TOGETHER] = Field(
        default=0, title="宽限天数", description="清零日期之后还能用多少天，只和清零日期一起写。"
    )
    never: Annotated[bool, TOGETHER] = Field(
        default=False, title="永久有效", description="写 true 表示积分永久有效。"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if "months" in self.model_fields_set and not self._written():
            object.__setattr__(self, "never", True)  # frozen, but nobody has it yet
        written = self._written()
        if len(written) > 1:
            refuse([Fault((), f"{'、'.join(written)} 只能写一种")])
        if not written:
            refuse([Fault((), f"要写明积分多久到期，在 {KINDS_TEXT} 里写一种")])
        if self.grace_days and not self.fixed:
            refuse([Fault(("grace_days",), "宽限天数只和清零日期（fixed）一起写")])
        if len(set(self.fixed)) < len(self.fixed) or list(self.fixed) != sorted(self.fixed):
            refuse([Fault(("fixed",), "日期要从早到晚写，同一天只写一次")])
        return self

    def _written(self) -> list[str]:
        return [kind for kind in KINDS if getattr(self, kind)]

    def losses(self, before: "Expiry") -> Iterator[Fault]:
        """The first day of four years on which earned points would lapse earlier than before; from then on the years repeat."""
        for ahead in range(FOUR_YEARS):
            day = date(LEAP_YEAR, 1, 1) + timedelta(days=ahead)
            if self.lapse_day(day) < before.lapse_day(day):
                earned = f"{day.month} 月 {day.day} 日得到的积分会更早到期"
                yield Fault((), f"{before.text} → {self.text}（例如 {earned}）")
                return

    def lapse_day(self, earned_on: date) -> date:
        """The first day on which points earned on a business day are gone; `calendar.NEVER` if they last for ever.

        Points earned later never lapse earlier.
        """
        if self.fixed:
            last = next(day for day in self._fixed_days(earned_on) if day >= earned_on)
            return last + timedelta(days=1 + self.grace_days)
        if self.days is not None:
            return earned_on + timedelta(days=self.days)
        return expires_on(earned_on, self.months)

    def _fixed_days(self, around: date) -> Iterator[date]:
        """The fixed days of that year and of the next one, rising."""
        for year in (around.year, around.year + 1):
            for text in self.fixed:
                yield _day_in(year, text)

    @property
    def text(self) -> str:
        """How long the points last, in Chinese, without subject and full stop."""
        if self.fixed:
            days = "、".join(_chinese(text) for text in self.fixed)
            grace = f"到期，宽限 {self.grace_days} 天后清零" if self.grace_days else "到期清零"
            return f"每年 {days}{grace}"
        if self.days is not None:
            return f"{self.days} 天有效，获得当天算第 1 天"
        return "长期有效" if self.months is None else f"{self.months} 个月有效，到期当月月底清零"


def _day_in(year: int, text: str) -> date:
    """A day of the year in one year; 02-29 is the last of February."""
    month, day = int(text[:2]), int(text[3:])
    if (month, day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, month, day)


def _chinese(text: str) -> str:
    return f"{int(text[:2])} 月 {int(text[3:])} 日"
