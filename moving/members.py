"""Importing members: known ones get the identities they lack, others are made and wait until they come themselves."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from loyalty.ledger.calendar import day_start
from loyalty.members.arriving import Arriving
from loyalty.members.nickname import clean_nickname
from moving.columns import PERSONS
from moving.enrolling import members_of
from moving.kind import ALREADY, DONE, Booked, Import, Kind, Line
from moving.problems import BadValue
from moving.reading import Reading
from moving.sheet import Cell
from moving.values import day, plain_text

EARLIEST: Final = date(1990, 1, 1)


class MemberItem(NamedTuple):
    """What a row says of a member."""

    nickname: str | None
    joined_on: date | None


def _nickname(cell: Cell, _: str) -> str:
    if "\ufffd" in str(cell):
        raise BadValue("昵称里有读不出来的字")
    try:
        return clean_nickname(plain_text(cell))
    except ValueError as error:
        raise BadValue(str(error)) from None


def _read(reading: Reading, today: date) -> MemberItem:
    joined_on = reading.value("joined_on", day)
    if joined_on is not None and not EARLIEST <= joined_on <= today:
        reading.faults.append(f"加入日期 {joined_on} 应在 {EARLIEST} 和今天之间")
    return MemberItem(reading.value("nickname", _nickname), joined_on)


async def _check(_: Import, __: Sequence[Line]) -> Mapping[int, str]:
    return {}


def arriving(into: Import, line: Line) -> Arriving:
    """The person of a line, as enrolling wants them."""
    item = line.item if isinstance(line.item, MemberItem) else MemberItem(None, None)
    joined_at = day_start(item.joined_on, into.zone) if item.joined_on else into.engine.clock.now()
    return Arriving(line.person.identities, joined_at, item.nickname, line.member_id, line.person.phone)


async def _book(into: Import, lines: Sequence[Line]) -> Booked:
    named = [line._replace(complete=line.complete and line.item.nickname is None) for line in lines]
    async with into.turn:
        _, created = await members_of(into, named, lambda line: arriving(into, line))
    return Booked({line.number: DONE if line.member_id is None else ALREADY for line in lines}, created)


MEMBERS: Final = Kind(
    "members",
    "会员",
    fields=(*PERSONS, "nickname", "joined_on"),
    needed=(),
    read=_read,
    same=lambda _: "",
    repeated="同一位会员",
    points=lambda _: 0,
    check=_check,
    book=_book,
)
