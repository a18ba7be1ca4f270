"""The rows of what members were last shown: one per member and subject."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
from pydantic import TypeAdapter

from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.ledger.writes import Table, Update
from loyalty.shown.commands import ShownCommand

SELECT_SHOWN = """
SELECT s.member_id, s.version FROM unnest($1::bigint[], $2::text[]) AS a(member_id, subject)
JOIN shown s ON s.member_id = a.member_id AND s.subject = a.subject
ORDER BY s.shown_at, s.member_id DESC
"""
NOTE = """
INSERT INTO shown (member_id, subject, version, shown_at)
SELECT u.member_id, u.subject, u.version, u.shown_at
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) AS u(member_id, subject, version, shown_at)
ON CONFLICT (member_id, subject) DO UPDATE SET version = excluded.version, shown_at = excluded.shown_at
"""
"""The same version is noted again with its new instant, so that it counts as later than what a merged half was shown."""


class ShownRow(NamedTuple):
    """A member was shown this `version` of the subject, last at `shown_at`."""

    subject: str
    version: str
    shown_at: datetime


async def _last_shown(request: ReadRequest) -> Mapping[int, str]:
    """What each person saw last, as the member they are now or as one merged into it."""
    subjects = {
        one.command.member_id: one.command.subject
        for one in request.commands
        if isinstance(one.command, ShownCommand) and one.command.as_shown
    }
    persons = {one: member_id for one, member_id in request.persons.items() if member_id in subjects}
    if not persons:
        return {}
    asked = [subjects[member_id] for member_id in persons.values()]
    rows = await request.connection.fetch(SELECT_SHOWN, list(persons), asked)
    return {persons[one]: version for one, version in rows}


LAST_SHOWN: Final = Read[str | None](
    "what the member was last shown of the command's subject",
    _last_shown,
    None,
    note=Note("shown", TypeAdapter(str | None)),
)
SHOWN: Final = Table("shown", ShownRow, stamps={}, mutable=("version", "shown_at"))
NOTE_SHOWN: Final = Update(NOTE, ShownRow)


async def last_shown(pool: asyncpg.Pool, member_id: int, subject: str) -> str | None:
    """The version of the subject that the member was last shown; None if they were shown none."""
    version: str | None = await pool.fetchval(
        "SELECT version FROM shown WHERE member_id = $1 AND subject = $2", member_id, subject
    )
    return version


async def note_shown(pool: asyncpg.Pool, member_id: int, seen: Mapping[str, str], now: datetime) -> None:
    """Store that the member is being shown these versions, by subject. Raises what the database raises."""
    if seen:
        subjects = sorted(seen)  # every transaction locks the rows of one member in this order
        columns = subjects, [seen[subject] for subject in subjects], [now] * len(seen)
        await pool.execute(NOTE, [member_id] * len(seen), *columns)
