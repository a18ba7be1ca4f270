"""The job that deletes expired mini-program sessions."""

from datetime import datetime
from typing import Final

from runtime.resources import Resources
from tasks.budget import Budget

PAGE_SIZE: Final = 1000

_OVER: Final = "SELECT token_hash FROM session WHERE expires_at <= $1 ORDER BY token_hash LIMIT $2"
_DELETE: Final = "DELETE FROM session WHERE token_hash = ANY($1) AND expires_at <= $2"


async def drop_expired_sessions(resources: Resources, now: datetime) -> int:
    """Delete the sessions expired at `now`, in pages; returns how many were found."""
    budget, dropped = Budget(), 0
    while budget.has_time():
        over = [row["token_hash"] for row in await resources.pool.fetch(_OVER, now, PAGE_SIZE)]
        await resources.pool.execute(_DELETE, over, now)
        dropped += len(over)
        if len(over) < PAGE_SIZE:
            break
    return dropped
