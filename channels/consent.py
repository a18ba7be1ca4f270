"""How many subscribe messages of each template a member has allowed: one permission, one message.

Source: WeChat docs 订阅消息. The platform counts as well and has the last word (43101 when nothing is left); our count
only keeps us from asking in vain.
"""

from datetime import datetime

import asyncpg


async def grant(pool: asyncpg.Pool, member_id: int, template_id: str, now: datetime) -> None:
    """Count one more message allowed."""
    await pool.execute(
        "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES ($1, $2, 1, $3)"
        " ON CONFLICT (member_id, template_id)"
        " DO UPDATE SET granted = consent.granted + 1, changed_at = greatest(consent.changed_at, $3)",
        member_id, template_id, now,
    )  # fmt: skip


async def grant_as_pushed(pool: asyncpg.Pool, member_id: int, template_id: str, at: datetime) -> None:
    """Count what an event of `at` (whole seconds) tells, unless a later word or the same event was counted before."""
    await pool.execute(
        "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES ($1, $2, 1, $3)"
        " ON CONFLICT (member_id, template_id)"
        " DO UPDATE SET granted = consent.granted + 1, changed_at = $3 WHERE consent.changed_at < $3",
        member_id, template_id, at,
    )  # fmt: skip


async def revoke(pool: asyncpg.Pool, member_id: int, template_id: str, now: datetime) -> None:
    """Forget all that was allowed before `now`: the member turned this template off."""
    await pool.execute(
        "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES ($1, $2, 0, $3)"
        " ON CONFLICT (member_id, template_id)"
        " DO UPDATE SET granted = 0, changed_at = $3 WHERE consent.changed_at <= $3",
        member_id, template_id, now,
    )  # fmt: skip


async def take_one(pool: asyncpg.Pool, member_id: int, template_id: str) -> bool:
    """Use up one permission; False when none is left."""
    taken = await pool.fetchval(
        "UPDATE consent SET granted = granted - 1 WHERE member_id = $1 AND template_id = $2 AND granted > 0"
        " RETURNING granted",
        member_id, template_id,
    )  # fmt: skip
    return taken is not None
