"""The day on which members were last here, as the features' decisions read it."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import TypeAdapter

from loyalty.engine.reads import Note, Read, ReadRequest

SELECT_LAST_SEEN: Final = "SELECT member_id, last_seen_on FROM account WHERE member_id = ANY($1::bigint[])"


async def _last_seen(request: ReadRequest) -> Mapping[int, date | None]:
    rows = await request.connection.fetch(SELECT_LAST_SEEN, request.members)
    return {row["member_id"]: row["last_seen_on"] for row in rows}


LAST_SEEN: Final = Read[date | None](
    "day of the last visit", _last_seen, None, note=Note("last_seen", TypeAdapter(date | None))
)
