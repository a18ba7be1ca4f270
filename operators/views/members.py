"""会员: the list of members, newest first, and what the page of one member shows."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg

from operators.views.paging import LARGEST, Paged, number_in

SELECT: Final = """
SELECT m.member_id, m.nickname, m.joined_at, a.last_seen_on, a.status, a.available, a.pending, a.debt, a.growth, t.tier,
    m.merge_with, a.merged_into
FROM member m JOIN account a ON a.member_id = m.member_id
LEFT JOIN tier_span t ON t.member_id = m.member_id AND t.until IS NULL
WHERE {where} ORDER BY m.member_id DESC LIMIT {limit}
"""
PAGE: Final = (
    "SELECT {first}.member_id FROM {tables} WHERE {where} ORDER BY {first}.member_id DESC LIMIT {limit}"
)
"""The ids of a page. Each table has the bound, because a merge join reads one without it from the newest member on."""
STATUSES: Final = ("open", "limited", "frozen", "closed", "merged")


CALLED: Final = """
SELECT member_id FROM member WHERE lower(nickname) ~>=~ $1 AND lower(nickname) ~<~ $2
ORDER BY lower(nickname) USING ~<~, member_id LIMIT $3
"""
"""Those whose nickname lies in a span, in the order of its index, whatever PostgreSQL thinks of how many they are."""
MOST_CALLED: Final = 1000
"""If more members than this have the name, fifty of them are soon found among the newest members."""
SURROGATES: Final = range(0xD800, 0xE000)


@dataclass(frozen=True)
class MemberLine:
    """A member in a list. `tier` is the id of the tier they hold, None where no tier was noted yet.

    `merged_into` is the member who they are now, for one who was merged.
    """

    member_id: int
    nickname: str | None
    joined_at: datetime
    last_seen_on: date
    status: str
    available: int
    pending: int
    debt: int
    growth: int
    tier: str | None
    merge_with: int | None
    merged_into: int | None


async def list_members(
    pool: asyncpg.Pool, *, after: str = "", status: str = "", tier: str = "", name: str = "", limit: int = 50
) -> Paged[MemberLine]:
    """Members, newest first; `name` is how a nickname begins, in any case. A malformed `after` is the first page."""
    if status not in ("", *STATUSES):
        return Paged([], None)
    before = number_in(after)
    values: list[object] = [LARGEST["bigint"] if before is None else before]
    where = dict[str, str]()
    if name:
        called = [row["member_id"] for row in await pool.fetch(CALLED, *span_of(name), MOST_CALLED + 1)]
        is_rare = len(called) <= MOST_CALLED
        where["member m"] = "m.member_id = ANY($2::bigint[])" if is_rare else "lower(m.nickname) LIKE $2"
        values.append(called if is_rare else starting_with(name))
    if tier:
        values.append(tier)
        where["tier_span t"] = f"t.until IS NULL AND t.tier = ${len(values)}"
    if status:
        where["account a"] = (
            f"a.status = '{status}'"  # for a status as argument PostgreSQL has no partial index
        )
    rows = await pool.fetch(_page(where or {"member m": "true"}, limit + 1), *values)
    ids = [row["member_id"] for row in rows]
    lines = await member_lines(pool, ids[:limit])
    return Paged(lines, str(ids[limit - 1]) if len(ids) > limit else None)


def _page(where: Mapping[str, str], limit: int) -> str:
    """The statement of a page whose tables have these conditions; $1 is the id below which it begins."""
    names = [table[-1] for table in where]
    first, *others = where
    joined = [f" JOIN {table} ON {table[-1]}.member_id = {names[0]}.member_id" for table in others]
    bounds = [f"{name}.member_id < $1::bigint" for name in names]
    conditions = " AND ".join([*bounds, *where.values()])
    return PAGE.format(first=names[0], tables=first + "".join(joined), where=conditions, limit=limit)


def span_of(text: str) -> tuple[str, str]:
    """The first text that begins with this one in lower case, and the first one behind all of them, in the order of their bytes."""
    begin = text.lower().replace("\0", "")
    last = next((place for place in reversed(range(len(begin))) if begin[place] != chr(sys.maxunicode)), None)
    if last is None:
        return begin, chr(sys.maxunicode) * 33
    following = ord(begin[last]) + 1
    return begin, begin[:last] + chr(SURROGATES.stop if following in SURROGATES else following)


def starting_with(text: str) -> str:
    """A LIKE pattern for what begins with the text, in lower case."""
    escaped = text.lower().replace("\0", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"


@dataclass(frozen=True)
class LotLine:
    """A lot with something left: pending until `opens_on`, and lapsing on `expires_on`."""

    expires_on: date
    opens_on: date
    remaining: int
    held: int
    granted: int


LOTS: Final = """
SELECT expires_on, opens_on, remaining, held, granted FROM lot
WHERE member_id = $1 AND remaining + held > 0 ORDER BY expires_on, opens_on, terms
"""


async def lots_of(pool: asyncpg.Pool, member_id: int) -> Sequence[LotLine]:
    """The member's lots with something left, soonest to lapse first."""
    return [LotLine(**row) for row in await pool.fetch(LOTS, member_id)]


IDENTITIES: Final = (
    "SELECT provider, subject, linked_at FROM identity WHERE member_id = $1 ORDER BY linked_at"
)


@dataclass(frozen=True)
class IdentityLine:
    """An openid or unionid, and the app that gave it."""

    provider: str
    subject: str
    linked_at: datetime


async def identities_of(pool: asyncpg.Pool, member_id: int) -> Sequence[IdentityLine]:
    """By which ids WeChat knows the member, oldest first."""
    return [IdentityLine(**row) for row in await pool.fetch(IDENTITIES, member_id)]


MEMBER: Final = SELECT.format(where="m.member_id = $1", limit=1)


async def member_line(pool: asyncpg.Pool, member_id: int) -> MemberLine | None:
    """The member as in the list; None if there is none of this number."""
    row = await pool.fetchrow(MEMBER, member_id) if 0 < member_id <= LARGEST["bigint"] else None
    return MemberLine(**row) if row else None


SPANS: Final = """
SELECT since, until, tier, came_from, why FROM tier_span WHERE member_id = $1 ORDER BY since DESC LIMIT 50
"""


BY_ID: Final = SELECT.format(where="m.member_id = ANY($1::bigint[])", limit=100)


async def member_lines(pool: asyncpg.Pool, member_ids: Sequence[int]) -> Sequence[MemberLine]:
    """These members, at most 100, newest first."""
    return [MemberLine(**row) for row in await pool.fetch(BY_ID, list(member_ids))]


@dataclass(frozen=True)
class SpanLine:
    """A time in which the member held a tier; `until` is None for the one of now."""

    since: datetime
    until: datetime | None
    tier: str
    came_from: str
    why: str


async def tiers_of(pool: asyncpg.Pool, member_id: int) -> Sequence[SpanLine]:
    """The member's tiers, newest first."""
    return [SpanLine(**row) for row in await pool.fetch(SPANS, member_id)]


FRIENDS: Final = """
SELECT r.member_id, m.nickname, r.bound_at, r.qualified_at FROM referral r JOIN member m ON m.member_id = r.member_id
WHERE r.inviter_id = $1 ORDER BY r.bound_at DESC LIMIT 50
"""


@dataclass(frozen=True)
class FriendLine:
    """A member whom this one invited; `qualified_at` is when the reward came."""

    member_id: int
    nickname: str | None
    bound_at: datetime
    qualified_at: datetime | None


async def friends_of(pool: asyncpg.Pool, member_id: int) -> Sequence[FriendLine]:
    """The fifty latest members whom this one invited."""
    return [FriendLine(**row) for row in await pool.fetch(FRIENDS, member_id)]
