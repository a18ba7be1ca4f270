"""Importing segments: which members are in which one, from when until when. Nobody becomes a member by this."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from loyalty.earning.segments import Labelled, put_segments
from loyalty.ledger.calendar import NEVER
from moving.columns import PERSONS
from moving.kind import ALREADY, DONE, Booked, Import, Kind, Line
from moving.problems import BadValue
from moving.reading import Reading
from moving.sheet import Cell
from moving.values import day, last_day, shown, text_of

LONGEST_NAME: Final = 64


class SegmentItem(NamedTuple):
    """What a row says: the segment, the first day in it, and the first day that is no longer in it."""

    name: str
    since: date
    until: date


def _name(cell: Cell, title: str) -> str:
    text = text_of(cell)
    if not text.isprintable() or len(text) > LONGEST_NAME:
        raise BadValue(f"{title} {shown(cell)} 应是 1 到 {LONGEST_NAME} 个看得见的字")
    return text


def _read(reading: Reading, today: date) -> SegmentItem:
    name = reading.required("segment", _name)
    since = reading.value("since", day) or today
    last = reading.required("last_day", last_day) or since
    if last < since:
        reading.faults.append(f"到期日 {last} 早于开始日期 {since}")
    until = NEVER if last == NEVER else last + timedelta(days=1)
    return SegmentItem(name or "", since, until)


async def _check(_: Import, lines: Sequence[Line]) -> Mapping[int, str]:
    return {line.number: "没有这位会员" for line in lines if line.member_id is None}


async def _book(into: Import, lines: Sequence[Line]) -> Booked:
    labelled = [Labelled(line.member_id, *line.item) for line in lines if line.member_id is not None]
    changed = await put_segments(into.pool, labelled)
    return Booked({line.number: DONE if new else ALREADY for line, new in zip(lines, changed, strict=True)})


SEGMENTS: Final = Kind(
    "segments",
    "人群",
    fields=(*PERSONS, "segment", "since", "last_day"),
    needed=("segment", "last_day"),
    read=_read,
    same=lambda item: f"{item.name}\0{item.since}",
    repeated="同一位会员、同一个人群、同一个开始日期",
    points=lambda _: 0,
    check=_check,
    book=_book,
)
