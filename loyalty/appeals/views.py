"""What members and operators read of appeals, and writing one."""

from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from loyalty.members.merged import halves_of

LONGEST: Final = 500

COLUMNS: Final = "member_id, id, text, state, opened_at, answer, answered_by, released, answered_at"
INSERT: Final = """
INSERT INTO appeal (member_id, id, text, state, opened_at)
SELECT $1, $2, $3, 'open', $4 FROM account WHERE member_id = $1 AND status IN ('limited', 'frozen')
ON CONFLICT DO NOTHING
"""
"""A unique index lets a member have one open appeal."""
STANDING: Final = "SELECT status FROM account WHERE member_id = $1"
REASON: Final = """
SELECT facts->>'reason' AS reason, trace LIKE '%"origin"%' AS is_told FROM receipt
WHERE member_id = $1 AND accepted AND code = 'account_frozen' ORDER BY no DESC LIMIT 1
"""
LATEST: Final = f"SELECT {COLUMNS} FROM appeal WHERE member_id = ANY($1::bigint[]) ORDER BY opened_at DESC, id DESC LIMIT 1"  # noqa: S608  # no values in the text
LIST: Final = f"""
SELECT {COLUMNS} FROM appeal WHERE ($1::text IS NULL OR state = $1)
AND ($2::timestamptz IS NULL OR (opened_at, member_id, id) < ($2, $3, $4)) AND ($5::bigint IS NULL OR member_id = $5)
ORDER BY opened_at DESC, member_id DESC, id DESC LIMIT $6
"""  # noqa: S608  # no values in the text


class Appeal(NamedTuple):
    """An appeal, and its answer where it has one. `state` is `open` or `answered`; an erased text is empty."""

    member_id: int
    id: str
    text: str
    state: str
    opened_at: datetime
    answer: str | None
    answered_by: str | None
    released: bool | None
    answered_at: datetime | None


class After(NamedTuple):
    """The last row of a page."""

    opened_at: datetime
    member_id: int
    id: str


class Standing(NamedTuple):
    """Whether an account is frozen, or limited to spending nothing; why, as its member may read it; and their latest appeal."""

    is_frozen: bool
    reason: str | None
    latest: Appeal | None
    is_limited: bool = False

    @property
    def may_appeal(self) -> bool:
        """Whether there is something to appeal against."""
        return self.is_frozen or self.is_limited


async def standing_of(pool: asyncpg.Pool, member_id: int) -> Standing:
    """How the member stands, with the latest appeal of the person. Reasons of freezes from before members could read them are not
    shown.
    """
    status = await pool.fetchval(STANDING, member_id)
    is_frozen = status == "frozen"
    found = await pool.fetchrow(REASON, member_id) if is_frozen else None
    latest = await pool.fetchrow(LATEST, await halves_of(pool, member_id))
    reason = found["reason"] if found and found["is_told"] else None
    return Standing(is_frozen, reason, Appeal(*latest) if latest else None, status == "limited")


async def open_appeal(
    pool: asyncpg.Pool, member_id: int, appeal_id: str, text: str, now: datetime
) -> Standing:
    """Store an appeal, if the account is frozen or limited and no other is open; how the member stands then. Safe to repeat."""
    await pool.execute(INSERT, member_id, appeal_id, text[:LONGEST], now)
    return await standing_of(pool, member_id)


async def list_appeals(
    pool: asyncpg.Pool, state: str | None = None, after: After | None = None, *, member_id: int | None = None, limit: int = 50
) -> list[Appeal]:  # fmt: skip
    """A page of appeals, newest first, below `after`."""
    rows = await pool.fetch(LIST, state, *(after or (None, None, None)), member_id, limit)
    return [Appeal(*row) for row in rows]
