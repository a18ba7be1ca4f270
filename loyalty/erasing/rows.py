"""What erasing a member reads."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.erasing.places import PLACES
from loyalty.merging.commands import MergeIn, SplitIn

LEFT: Final = " UNION ALL ".join(
    f"{place.left} {'AND' if 'WHERE' in place.left else 'WHERE'} member_id = ANY($1::bigint[])"
    for place in PLACES
)
UNUSED: Final = """
SELECT member_id, count(*) AS vouchers FROM redemption
WHERE member_id = ANY($1::bigint[]) AND state = 'issued' AND expires_on > $2::date GROUP BY member_id
"""
ON_THEIR_WAY: Final = """
SELECT DISTINCT member_id FROM follow_up WHERE member_id = ANY($1::bigint[]) AND done_at IS NULL AND command = ANY($2::text[])
"""
PHONES: Final = "SELECT member_id, phone_hash FROM phone WHERE member_id = ANY($1::bigint[])"
MARKS: Final = (
    "SELECT member_id, merge_with FROM member WHERE member_id = ANY($1::bigint[]) AND merge_with IS NOT NULL"
)


class Known(NamedTuple):
    """What leads to the member from outside their own rows: keyed hashes of phone numbers, and members marked to be merged."""

    phones: tuple[bytes, ...] = ()
    marked: tuple[int, ...] = ()


async def _halves(request: ReadRequest) -> Mapping[int, tuple[int, ...]]:
    return {member_id: tuple(request.halves.get(member_id, ())) for member_id in request.members}


async def _left(request: ReadRequest) -> Mapping[int, bool]:
    persons = request.persons
    rows = await request.connection.fetch(LEFT, list(persons))
    return {persons[row["member_id"]]: True for row in rows}


async def _unused(request: ReadRequest) -> Mapping[int, int]:
    day = max(one.day for one in request.commands)
    rows = await request.connection.fetch(UNUSED, request.members, day)
    return {row["member_id"]: row["vouchers"] for row in rows}


async def _on_their_way(request: ReadRequest) -> Mapping[int, bool]:
    names = [MergeIn.name, SplitIn.name]
    rows = await request.connection.fetch(ON_THEIR_WAY, request.members, names)
    return {row["member_id"]: True for row in rows}


async def _known(request: ReadRequest) -> Mapping[int, Known]:
    persons = request.persons
    phones: dict[int, list[bytes]] = defaultdict(list)
    for row in await request.connection.fetch(PHONES, list(persons)):
        phones[persons[row["member_id"]]].append(row["phone_hash"])
    marked: dict[int, list[int]] = defaultdict(list)
    for row in await request.connection.fetch(MARKS, list(persons)):
        marked[persons[row["member_id"]]].append(row["merge_with"])
    return {
        member_id: Known(tuple(phones[member_id]), tuple(marked[member_id])) for member_id in request.members
    }


HALVES: Final = Read[tuple[int, ...]](
    "the members merged into the erased one", _halves, (), note=Note("halves", TypeAdapter(tuple[int, ...]))
)
TRACES: Final = Read[bool](
    "whether anything tells who the member is", _left, False, note=Note("left", TypeAdapter(bool))
)
VOUCHERS: Final = Read[int](
    "the member's unused vouchers", _unused, 0, note=Note("vouchers", TypeAdapter(int))
)
MERGING: Final = Read[bool](
    "whether a merge of the member is not finished",
    _on_their_way,
    False,
    note=Note("merging", TypeAdapter(bool)),
)
KNOWN: Final = Read[Known]("what leads to the member", _known, Known(), fold=lambda *_: Known())
"""Nothing that the ledger keeps follows from it, and a keyed hash must not stay in a trace."""
