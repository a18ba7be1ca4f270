"""The rows of appeals. Members write them without a command, so that no receipt keeps their words, which may have to be erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.ledger.writes import Table, Update

SELECT_OPEN: Final = "SELECT member_id, id FROM appeal WHERE member_id = ANY($1::bigint[]) AND state = 'open'"
ANSWER: Final = """
UPDATE appeal a SET state = 'answered', answer = u.answer, answered_by = u.by, released = u.released, answered_at = u.at
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[])
    AS u(member_id, id, answer, by, released, at)
WHERE a.member_id = u.member_id AND a.id = u.id
"""


class AppealRow(NamedTuple):
    """An appeal as the member wrote it."""

    id: str
    text: str
    state: str
    opened_at: datetime


class AnswerRow(NamedTuple):
    """The answer to an appeal."""

    id: str
    answer: str
    by: str
    released: bool
    at: datetime


async def _open(request: ReadRequest) -> Mapping[int, str]:
    rows = await request.connection.fetch(SELECT_OPEN, request.members)
    return {row["member_id"]: row["id"] for row in rows}


OPEN_APPEAL: Final = Read[str | None](
    "the id of the member's open appeal", _open, None, note=Note("appeal", TypeAdapter(str | None))
)
APPEALS: Final = Table(
    "appeal",
    AppealRow,
    stamps={},
    mutable=("text", "state", "answer", "answered_by", "released", "answered_at"),
)
ANSWERED: Final = Update(ANSWER, AnswerRow)
