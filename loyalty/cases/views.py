"""What members and operators read of cases."""

from datetime import datetime
from typing import Final, NamedTuple, cast

import asyncpg

from loyalty.appeals.views import Standing, standing_of
from loyalty.cases.commands import Cause
from loyalty.cases.words import cause_text

COLUMNS: Final = (
    "member_id, receipt_no, source, cause, found, bound, opened_at, state, reason, decided_by, decided_at"
)
LATEST: Final = f"SELECT {COLUMNS} FROM risk_case WHERE member_id = $1 ORDER BY receipt_no DESC LIMIT 1"  # noqa: S608  # no values in the text
ONE: Final = f"SELECT {COLUMNS} FROM risk_case WHERE member_id = $1 AND receipt_no = $2"  # noqa: S608  # as above
LIST: Final = f"""
SELECT {COLUMNS} FROM risk_case WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR cause = $2)
AND ($3::timestamptz IS NULL OR (opened_at, member_id, receipt_no) < ($3, $4, $5)) AND ($6::bigint IS NULL OR member_id = $6)
ORDER BY opened_at DESC, member_id DESC, receipt_no DESC LIMIT $7
"""  # noqa: S608  # no values in the text


class Case(NamedTuple):
    """A case. `number` is its receipt's; `state` is `open`, `released` or `kept`; what was decided is None while it is open."""

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
    case = _case(row)
    return standing._replace(reason=case.reason or f"{case.sentence}，正在核对是不是本人")


async def case_of(pool: asyncpg.Pool, member_id: int, number: int) -> Case | None:
    """The member's case of this number."""
    row = await pool.fetchrow(ONE, member_id, number)
    return None if row is None else _case(row)


async def list_cases(
    pool: asyncpg.Pool, *, state: str | None = None, cause: str | None = None, after: After | None = None,
    member_id: int | None = None, limit: int = 50,
) -> list[Case]:  # fmt: skip
    """A page of cases, newest first, below `after`."""
    rows = await pool.fetch(LIST, state, cause, *(after or (None, None, None)), member_id, limit)
    return [_case(row) for row in rows]


def _case(row: asyncpg.Record) -> Case:
    return Case(*row)._replace(cause=cast("Cause", row["cause"]))
