"""The reads of cases for members and operators.

A case stays under the number that its member had when it was opened. Pages find it under the one that the member is now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from loyalty.appeals.views import Standing, standing_of
from loyalty.cases.commands import Cause
from loyalty.cases.words import cause_text
from loyalty.members.merged import halves_of, survivors

COLUMNS: Final = "member_id, receipt_no AS number, source, cause, found, bound, opened_at, state, reason, decided_by, decided_at"
LATEST: Final = f"SELECT {COLUMNS} FROM risk_case WHERE member_id = $1 ORDER BY receipt_no DESC LIMIT 1"  # noqa: S608  # no values in the text
ONE: Final = f"SELECT {COLUMNS} FROM risk_case WHERE member_id = $1 AND receipt_no = $2"  # noqa: S608  # as above
LIST: Final = f"""
SELECT {COLUMNS} FROM risk_case WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR cause = $2)
AND ($3::timestamptz IS NULL OR (opened_at, member_id, receipt_no) < ($3, $4, $5))
AND ($6::bigint[] IS NULL OR member_id = ANY($6))
ORDER BY opened_at DESC, member_id DESC, receipt_no DESC LIMIT $7
"""  # noqa: S608  # no values in the text


class Case(NamedTuple):
    """A case. `number` is its receipt's; `state` is `open`, `released` or `kept`; what was decided is None while it is open.

    `person_id` is the member who `member_id` is now, another one after a merge.
    """

    member_id: int
    number: int
    source: int
    cause: Cause
    found: int
    bound: int
    opened_at: datetime
    state: str
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    person_id: int

    @property
    def sentence(self) -> str:
        """Why it was opened."""
        return cause_text(self.cause, self.found, self.bound)


class After(NamedTuple):
    """The last row of a page."""

    opened_at: datetime
    member_id: int
    number: int


async def standing_with_case(pool: asyncpg.Pool, member_id: int) -> Standing:
    """How the member stands; for a limited account the reason is that of its case."""
    standing = await standing_of(pool, member_id)
    row = await pool.fetchrow(LATEST, member_id) if standing.is_limited else None
    if row is None:
        return standing
    (case,) = await _cases(pool, [row])
    return standing._replace(reason=case.reason or f"{case.sentence}，正在核对是不是本人")


async def case_of(pool: asyncpg.Pool, member_id: int, number: int) -> Case | None:
    """The member's case of this number."""
    found = await _cases(pool, await pool.fetch(ONE, member_id, number))
    return found[0] if found else None


async def list_cases(
    pool: asyncpg.Pool, *, state: str | None = None, cause: str | None = None, after: After | None = None,
    member_id: int | None = None, limit: int = 50,
) -> list[Case]:  # fmt: skip
    """A page of cases, newest first, below `after`; with `member_id` those of the member and of whoever is merged into them."""
    members = None if member_id is None else await halves_of(pool, member_id)
    return await _cases(
        pool, await pool.fetch(LIST, state, cause, *(after or (None, None, None)), members, limit)
    )


async def _cases(pool: asyncpg.Pool, rows: Sequence[asyncpg.Record]) -> list[Case]:
    persons = await survivors(pool, {row["member_id"] for row in rows})
    return [Case(**dict(row), person_id=persons[row["member_id"]]) for row in rows]
