"""The history of the rules: every version ever published, and its state at an instant."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

import asyncpg

State = Literal["in_force", "scheduled", "replaced", "withdrawn"]

SELECT_ALL: Final = """
SELECT v.id AS version, v.effective_from, v.published_at, v.published_by, v.reason, v.losses::text AS losses, v.urgent,
    w.withdrawn_at, w.withdrawn_by, w.reason AS withdrawal_reason, coalesce((
        SELECT max(o.id) FROM rule_version o LEFT JOIN rule_withdrawal x ON x.version = o.id
        WHERE o.id < v.id AND (x.withdrawn_at IS NULL OR x.withdrawn_at > v.published_at)
    ), 0) AS base
FROM rule_version v LEFT JOIN rule_withdrawal w ON w.version = v.id ORDER BY v.id DESC
"""


class Version(NamedTuple):
    """A published version, made from version `base` (0: none).

    `losses` is what it makes worse for members, and `urgent` says that it did so without the usual notice. The state `replaced`:
    another version was or will be in force instead of it from the version's own instant on.
    """

    version: int
    effective_from: datetime
    published_at: datetime
    published_by: str
    reason: str
    losses: list[str]
    urgent: bool
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawal_reason: str | None
    base: int
    state: State


async def history(database: asyncpg.Connection | asyncpg.Pool, now: datetime) -> list[Version]:
    """All versions, newest first, with their states at `now`."""
    rows = await database.fetch(SELECT_ALL)
    return [
        Version(**dict(row) | {"losses": json.loads(row["losses"]), "state": state})
        for row, state in zip(rows, _states(rows, now), strict=True)
    ]


async def version_of(database: asyncpg.Connection | asyncpg.Pool, number: int, now: datetime) -> Version:
    """One version, with its state at `now`. Raises LookupError for one that was never published."""
    found = next((one for one in await history(database, now) if one.version == number), None)
    if found is None:
        raise LookupError(f"no rule version {number}")
    return found


def _states(rows: Sequence[asyncpg.Record], now: datetime) -> Iterator[State]:
    standing = [row for row in rows if row["withdrawn_at"] is None]
    by_instant = {row["effective_from"]: row["version"] for row in reversed(standing)}
    begun = [instant for instant in by_instant if instant <= now]
    in_force = by_instant[max(begun)] if begun else None
    for row in rows:
        if row["withdrawn_at"] is not None:
            yield "withdrawn"
        elif row["version"] == in_force:
            yield "in_force"
        elif row["effective_from"] > now and by_instant[row["effective_from"]] == row["version"]:
            yield "scheduled"
        else:
            yield "replaced"
