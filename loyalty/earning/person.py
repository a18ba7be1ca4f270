"""What rules ask about the member behind an event, as of the event's day: birthday, segments, consents, and when they joined."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from loyalty.engine.reads import Note, Read, ReadRequest

SELECT_MEMBERS = """
SELECT m.member_id, m.joined_at, CASE WHEN m.birthday_from <= u.day THEN m.birthday END, m.notices_opted_out,
    p.member_id IS NOT NULL
FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day) JOIN member m ON m.member_id = u.member_id
LEFT JOIN phone p ON p.member_id = m.member_id
"""
SELECT_SEGMENTS = """
SELECT s.member_id, s.name FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day)
JOIN segment s ON s.member_id = u.member_id AND s.since <= u.day AND u.day < s.until
ORDER BY s.member_id, s.name
"""


class Person(NamedTuple):
    """A member as of the day of an event. Segments of members who were merged into them are theirs, too."""

    joined_at: datetime | None = None
    birthday: tuple[int, int] | None = None
    segments: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()


async def _persons(request: ReadRequest) -> Mapping[int, Person]:
    days = {one.command.member_id: one.day for one in request.commands}
    persons = request.persons
    halves = list(persons)
    segments: dict[int, list[str]] = defaultdict(list)
    for half, name in await request.connection.fetch(
        SELECT_SEGMENTS, halves, [days[persons[half]] for half in halves]
    ):
        segments[persons[half]].append(name)
    rows = await request.connection.fetch(SELECT_MEMBERS, list(days), list(days.values()))
    return {
        member_id: Person(
            joined_at,
            month_day(birthday),
            tuple(sorted(set(segments[member_id]))),
            _consents(opted_out, phone),
        )
        for member_id, joined_at, birthday, opted_out, phone in rows
    }


def month_day(birthday: str | None) -> tuple[int, int] | None:
    """The month and the day of a birthday as it is stored: `02-29` → (2, 29)."""
    if birthday is None:
        return None
    month, day = birthday.split("-")
    return int(month), int(day)


def _consents(opted_out: bool, phone: bool) -> tuple[str, ...]:
    return (*(() if opted_out else ("notices",)), *(("phone",) if phone else ()))


PERSON: Final = Read[Person](
    "what rules ask about the member", _persons, Person(), note=Note("person", TypeAdapter(Person))
)
