"""The reads of merging: all that a member has, who the other member is, and the merge that stands between them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.ledger.lots import LOT_COLUMNS, Lot, lot_of
from loyalty.ledger.writes import MeterKey
from loyalty.merging.brought import Moved
from loyalty.merging.rows import ConsentRow

SELECT_LOTS = f"SELECT {LOT_COLUMNS} FROM lot WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # no values in the text
SELECT_METERS = (
    "SELECT member_id, name, period, value FROM meter WHERE member_id = ANY($1::bigint[]) AND value > 0"
)
SELECT_OWED = """
SELECT DISTINCT member_id FROM follow_up WHERE member_id = ANY($1::bigint[]) AND done_at IS NULL AND due_at < 'infinity'
"""
"""A follow-up that is due at the member's first act (`infinity`) does not hinder a merge: it runs for the merged member later."""
SELECT_STATUS = "SELECT member_id, status FROM account WHERE member_id = ANY($1::bigint[])"
SELECT_PERSONS = """
SELECT m.member_id, m.nickname, m.nickname_checked, m.notices_opted_out, m.referral_code, a.last_seen_on, c.following,
    c.changed_at
FROM member m LEFT JOIN account a ON a.member_id = m.member_id LEFT JOIN contact c ON c.member_id = m.member_id
WHERE m.member_id = ANY($1::bigint[])
"""
SELECT_CONSENTS = """
SELECT member_id, template_id, granted, changed_at FROM consent WHERE member_id = ANY($1::bigint[]) AND granted > 0
"""
SELECT_MERGES = """
SELECT h.member_id, h.receipt_no, (r.facts->'moved')::text AS moved, (r.facts->>'growth')::bigint AS growth,
    (SELECT count(*) FROM merged_half v WHERE v.member_id = h.member_id AND v.via_id = h.via_id AND v.split_no IS NULL) AS halves
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, other_id)
JOIN merged_half h ON h.member_id = u.member_id AND h.other_id = u.other_id AND h.via_id = u.other_id AND h.split_no IS NULL
JOIN receipt r ON r.member_id = h.member_id AND r.no = h.receipt_no
"""
SELECT_THROUGH = """
SELECT h.member_id, h.via_id FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, other_id)
JOIN merged_half h ON h.member_id = u.member_id AND h.other_id = u.other_id AND h.via_id <> u.other_id AND h.split_no IS NULL
"""


@dataclass(frozen=True)
class Person:
    """The other member as a person: what does not belong to the ledger."""

    member_id: int
    nickname: str | None
    nickname_checked: bool
    notices_opted_out: bool
    referral_code: str
    last_seen_on: date | None
    following: bool | None
    changed_at: datetime | None
    consents: tuple[ConsentRow, ...] = ()


class StoredMerge(NamedTuple):
    """A merge that stands: its receipt, what moved by it, and with how many members."""

    receipt_no: int
    moved: Moved
    growth: int
    halves: int


_MOVED: Final = TypeAdapter(Moved)


async def _lots(request: ReadRequest) -> Mapping[int, Sequence[Lot]]:
    found: dict[int, list[Lot]] = defaultdict(list)
    for row in await request.connection.fetch(SELECT_LOTS, request.members):
        found[row["member_id"]].append(lot_of(row))
    return found


async def _meters(request: ReadRequest) -> Mapping[int, Mapping[MeterKey, int]]:
    found: dict[int, dict[MeterKey, int]] = defaultdict(dict)
    for member_id, name, period, value in await request.connection.fetch(SELECT_METERS, request.members):
        found[member_id][MeterKey(name, period)] = value
    return found


async def _owed(request: ReadRequest) -> Mapping[int, bool]:
    return {row["member_id"]: True for row in await request.connection.fetch(SELECT_OWED, request.members)}


async def _halves(request: ReadRequest) -> Mapping[int, tuple[int, ...]]:
    return {member_id: tuple(request.halves.get(member_id, ())) for member_id in request.members}


async def _target(request: ReadRequest) -> Mapping[int, str | None]:
    commands: list[Any] = [one.command for one in request.commands]
    rows = await request.connection.fetch(SELECT_STATUS, [command.into for command in commands])
    status = dict(rows)
    return {command.member_id: status.get(command.into) for command in commands}


async def _persons(request: ReadRequest) -> Mapping[int, Person | None]:
    commands: list[Any] = [one.command for one in request.commands]
    others = [command.other_id for command in commands]
    consents: dict[int, list[ConsentRow]] = defaultdict(list)
    for member_id, *consent in await request.connection.fetch(SELECT_CONSENTS, others):
        consents[member_id].append(ConsentRow(*consent))
    rows = await request.connection.fetch(SELECT_PERSONS, others)
    found = {
        row["member_id"]: Person(**dict(row), consents=tuple(consents[row["member_id"]])) for row in rows
    }
    return {command.member_id: found.get(command.other_id) for command in commands}


async def _codes(request: ReadRequest) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    persons = request.persons
    for row in await request.connection.fetch(SELECT_PERSONS, list(persons)):
        found[persons[row["member_id"]]].append(row["referral_code"])
    return found


async def _merges(request: ReadRequest) -> Mapping[int, StoredMerge | None]:
    commands: list[Any] = [one.command for one in request.commands]
    rows = await request.connection.fetch(
        SELECT_MERGES, request.members, [command.other_id for command in commands]
    )
    return {
        member_id: StoredMerge(no, _MOVED.validate_json(moved), growth, halves)
        for member_id, no, moved, growth, halves in rows
    }


async def _through(request: ReadRequest) -> Mapping[int, int | None]:
    commands: list[Any] = [one.command for one in request.commands]
    others = [command.other_id for command in commands]
    return {
        row["member_id"]: row["via_id"]
        for row in await request.connection.fetch(SELECT_THROUGH, request.members, others)
    }


def _lots_in(past: Past, _: DatedCommand, __: object) -> Sequence[Lot]:
    return list(past.lots.values())


def _meters_in(past: Past, _: DatedCommand, __: object) -> Mapping[MeterKey, int]:
    return {key: value for key, value in past.meters.items() if value > 0}


LOTS: Final = Read[Sequence[Lot]]("all lots", _lots, (), fold=_lots_in)
METERS: Final = Read[Mapping[MeterKey, int]]("all meters", _meters, {}, fold=_meters_in)
OWED: Final = Read[bool](
    "whether anything is owed to the member", _owed, False, note=Note("owed", TypeAdapter(bool))
)
HALVES: Final = Read[tuple[int, ...]](
    "the members merged into this one", _halves, (), note=Note("halves", TypeAdapter(tuple[int, ...]))
)
TARGET: Final = Read[str | None](
    "the status of the member to merge into", _target, None, note=Note("target", TypeAdapter(str | None))
)
PERSON: Final = Read[Person | None]("the other member", _persons, None, fold=lambda *_: None)
"""Nothing that the ledger keeps follows from it, and a nickname must not stay in a trace."""
CODES: Final = Read[Sequence[str]](
    "the referral codes of the member and their halves", _codes, (), fold=lambda *_: ()
)
MERGE: Final = Read[StoredMerge | None](
    "the merge that stands", _merges, None, note=Note("merge", TypeAdapter(StoredMerge | None))
)
THROUGH: Final = Read[int | None](
    "the member through whom the other came", _through, None, note=Note("through", TypeAdapter(int | None))
)
