"""How many subscribe messages of each template a member has allowed: one permission, one message.

WeChat keeps the count that decides (it answers 43101 when none is left); ours only saves sends that would fail.
Source: WeChat docs 订阅消息.
"""

from datetime import datetime
from typing import NamedTuple

import asyncpg


class Permission(NamedTuple):
    """`granted` messages of one template may still be sent, by our count; `changed_at`: when that last changed."""

    granted: int
    changed_at: datetime


async def permission(pool: asyncpg.Pool, member_id: int, template_id: str) -> Permission | None:
    """The member's consent to a template; None if they never answered."""
    row = await pool.fetchrow(
        "SELECT granted, changed_at FROM consent WHERE member_id = $1 AND template_id = $2",
        member_id,
        template_id,
    )
    return Permission(*row) if row else None


async def granted(pool: asyncpg.Pool, member_id: int) -> dict[str, int]:
    """How many messages may still be sent, by template id; a template that the member never answered is missing."""
    rows = await pool.fetch("SELECT template_id, granted FROM consent WHERE member_id = $1", member_id)
    return {row["template_id"]: row["granted"] for row in rows}


async def grant(pool: asyncpg.Pool, member_id: int, template_id: str, now: datetime) -> None:
    """Add one allowed message."""
    await pool.execute(
        "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES ($1, $2, 1, $3)"
        " ON CONFLICT (member_id, template_id)"
        " DO UPDATE SET granted = consent.granted + 1, changed_at = greatest(consent.changed_at, $3)",
        member_id, template_id, now,
    )  # fmt: skip


async def grant_as_pushed(pool: asyncpg.Pool, member_id: int, template_id: str, at: datetime) -> None:
    """Add one allowed message for an event of the instant `at` (whole seconds), unless it or a later change has been counted."""
    await pool.execute(
        "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES ($1, $2, 1, $3)"
        " ON CONFLICT (member_id, template_id)"
        " DO UPDATE SET granted = consent.granted + 1, changed_at = $3 WHERE consent.changed_at < $3",
        member_id, template_id, at,
    )  # fmt: skip


async def revoke(pool: asyncpg.Pool, member_id: int, template_id: str, now: datetime) -> None:
    """Set the count to zero, because the member refused this template at `now`; a later change stays."""
    await pool.execute(
        "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES ($1, $2, 0, $3)"
        " ON CONFLICT (member_id, template_id)"
        " DO UPDATE SET granted = 0, changed_at = $3 WHERE consent.changed_at <= $3",
        member_id, template_id, now,
    )  # fmt: skip


async def take_one(pool: asyncpg.Pool, member_id: int, template_id: str) -> bool:
    """Use one allowed message; False when none is left."""
    taken = await pool.fetchval(
        "UPDATE consent SET granted = granted - 1 WHERE member_id = $1 AND template_id = $2 AND granted > 0"
        " RETURNING granted",
        member_id, template_id,
    )  # fmt: skip
    return taken is not None
