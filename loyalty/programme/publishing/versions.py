"""The stored rule versions: which is the newest, which wait for their day, and storing one."""

import json
from datetime import datetime

import asyncpg

from loyalty.programme.in_force.live import NOT_WITHDRAWN
from loyalty.programme.publishing.draft import Draft

LAST_PUBLISHED = "SELECT max(effective_from) FROM rule_version WHERE effective_from <= published_at"
LAST_ID = "SELECT coalesce(max(id), 0) FROM rule_version"
NEWEST = f"SELECT coalesce(max(id), 0) FROM rule_version WHERE {NOT_WITHDRAWN}"  # noqa: S608  # our own text
SCHEDULED = f"""
SELECT DISTINCT ON (effective_from) id, effective_from FROM rule_version
WHERE effective_from > $1 AND {NOT_WITHDRAWN} ORDER BY effective_from, id DESC
"""  # noqa: S608  # our own text


async def newest(database: asyncpg.Connection | asyncpg.Pool) -> int:
    """The id of the last version that was published and not withdrawn, in force or not: the base of the next one; 0 for none."""
    found: int = await database.fetchval(NEWEST)
    return found


async def scheduled(database: asyncpg.Connection | asyncpg.Pool, now: datetime) -> list[tuple[int, datetime]]:
    """The versions that will take effect after `now` as (id, effective_from), the next one first."""
    return [(row["id"], row["effective_from"]) for row in await database.fetch(SCHEDULED, now)]


async def store(
    connection: asyncpg.Connection, draft: Draft, worse: list[str], now: datetime, *, urgent: bool
) -> int:
    """Store the draft as the next version; its id. `worse` is what it makes worse for members."""
    version: int = await connection.fetchval(
        "INSERT INTO rule_version (id, digest, body, effective_from, published_at, published_by, reason, losses, urgent)"
        " SELECT coalesce(max(id), 0) + 1, $1, $2::text::jsonb, $3, $4, $5, $6, $7::text::jsonb, $8 FROM rule_version RETURNING id",
        draft.rules.digest, draft.rules.model_dump_json(), draft.effective_from, now, draft.by, draft.reason, json.dumps(worse),
        urgent,
    )  # fmt: skip
    return version


async def stored_as(connection: asyncpg.Connection, draft: Draft, now: datetime) -> int | None:
    """The id of this same publication, if an earlier attempt was committed although its answer was lost."""
    found: int | None = await connection.fetchval(
        "SELECT id FROM rule_version WHERE (digest, effective_from, published_at, published_by, reason)"
        " = ($1::text, $2::timestamptz, $3::timestamptz, $4::text, $5::text)",
        draft.rules.digest, draft.effective_from, now, draft.by, draft.reason,
    )  # fmt: skip
    return found


async def below_taken(connection: asyncpg.Connection, sizes: dict[str, int]) -> list[tuple[str, int, int]]:
    """The pools of which members already took more than the new size, as (name, new size, taken)."""
    found = await connection.fetch(
        "SELECT s.item, u.stocked, s.taken FROM unnest($1::text[], $2::bigint[]) AS u(item, stocked)"
        " JOIN stock s ON s.item = u.item WHERE u.stocked < s.taken ORDER BY s.item",
        list(sizes), list(sizes.values()),
    )  # fmt: skip
    return [tuple(row) for row in found]
