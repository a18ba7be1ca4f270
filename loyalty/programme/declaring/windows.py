"""Windows: from when until when an item of the rule set holds. Half-open, in the local time of the programme's zone."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Protocol, TypeAlias

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo

from loyalty.ledger.words import day_text
from loyalty.programme.declaring.better import Better
from loyalty.programme.declaring.faults import Fault, is_stored, refuse
from loyalty.programme.declaring.sections import Rule
from loyalty.programme.declaring.texts import shown

_SPELLING: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_STORED: Final = re.compile(rf"{_SPELLING.pattern}(:\d{{2}})?")
"""An earlier program stored seconds, too."""
_MEANT: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:[T\s]*(\d{1,2})[:：点](\d{2})?(?::\d{2})?分?)?"
)
"""Other ways to write a day, or an instant of it."""


def moment_text(at: datetime) -> str:
    """An instant as rule files write it: `2026-12-01T00:00`."""
    return at.isoformat(timespec="seconds" if at.second else "minutes")


def _moment(value: object, info: ValidationInfo) -> datetime:
    pattern = _STORED if is_stored(info) else _SPELLING
    if not (isinstance(value, str) and pattern.fullmatch(value)):
        refuse([Fault((), f"{_expected(value)}，现在写的是 {shown(str(value))}")])
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        refuse([Fault((), f"没有这个日期或时间：{value}")])
    raise AssertionError


def _expected(value: object) -> str:
    """What to write instead, as far as the value shows what is meant."""
    if meant := _MEANT.fullmatch(str(value).strip()):
        year, month, day, hour, minute = meant.groups(default="0")
        return f"日期和时间要写成 {year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}"
    return "要写日期和时间，如 2026-12-01T00:00，不写时区"


Moment: TypeAlias = Annotated[datetime, PlainValidator(_moment), PlainSerializer(moment_text)]
"""An instant on the clock of the programme's zone, to the minute and without an offset: `2026-12-01T00:00`."""


class Windowed(Rule):
    """Base of items that hold from `from` until `until`; without one of them that side is open.

    Name it before the base with the item's other fields: pydantic then puts `from` and `until` after them.
    """

    from_: Annotated[Moment | None, Better("lower", null="best")] = Field(
        default=None,
        alias="from",
        title="开始",
        description="从这一刻起有效，如 2026-12-01T00:00；不写就没有开始的限制。",
    )
    until: Annotated[Moment | None, Better("higher", null="best")] = Field(
        default=None,
        title="结束",
        description="到这一刻为止，那一刻不算在内，如 2027-01-01T00:00；不写就一直有效。",
    )

    def holds_at(self, moment: datetime) -> bool:
        """Whether a local time, without an offset, lies in the window."""
        return (self.from_ is None or self.from_ <= moment) and (self.until is None or moment < self.until)

    def window_faults(self) -> list[Fault]:
        """A fault where the window ends before it begins."""
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            return [Fault(("until",), f"要晚于 from 的 {moment_text(self.from_)}，否则永远不会生效")]
        return []


class Item(Protocol):
    """An item with a window and a name that members read."""

    @property
    def name(self) -> str:
        """What members read."""
        ...

    @property
    def until(self) -> datetime | None:
        """When it ends."""
        ...


def over(
    items: Mapping[str, Item], before: Mapping[str, Item] | None, since: datetime, kind: str
) -> Iterator[str]:
    """A Chinese sentence for each item, by its id, that is new or changed and ends before `since`, a time in the programme's zone.

    `kind` says in Chinese what the items are.
    """
    clock = since.replace(tzinfo=None)
    for item_id, item in items.items():
        if item.until is not None and item.until <= clock and (before or {}).get(item_id) != item:
            end = f"{day_text(item.until.date())} {item.until:%H:%M}"
            yield (
                f"{kind}「{item.name}」（{item_id}）到 {end} 就结束了，"
                "这一版生效时已经过了，没有会员赶得上。请改 until（结束），或者去掉它。"
            )


def window_text(window: Windowed) -> str:
    """`2026年12月1日到2026年12月31日`: the last day where it ends with a day, else the instant; empty without a window."""
    begin, end = window.from_, window.until
    if begin is not None and end is not None:
        return f"{_begin(begin)}到{_end(end)}"
    if end is not None:
        return f"到 {_end(end)}{' ' if _instant(end) else ''}为止"
    return f"{_begin(begin)}起" if begin is not None else ""


def _begin(at: datetime) -> str:
    return _instant(at) or day_text(at.date())


def _end(at: datetime) -> str:
    return _instant(at) or day_text((at - timedelta(days=1)).date())


def _instant(at: datetime) -> str:
    """The day and the time, empty for the first instant of a day."""
    if at.second:
        return f"{day_text(at.date())} {at:%H:%M:%S}"
    return f"{day_text(at.date())} {at:%H:%M}" if at.hour or at.minute else ""
