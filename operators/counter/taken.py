"""What one operator took today."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from loyalty.members.profile import mask

TAKEN: Final = """
SELECT o.at, o.member_id, m.nickname, o.after ->> 'name' AS name, (o.after ->> 'quantity')::int AS quantity,
    o.after ->> 'store' AS store
FROM operation o JOIN member m ON m.member_id = o.member_id
WHERE o.operator = $1 AND o.at >= $2 AND o.action = 'verify_voucher' ORDER BY o.at DESC, o.member_id DESC, o.id DESC LIMIT $3
"""
MOST_SHOWN: Final = 200


@dataclass(frozen=True)
class Taken:
    """A voucher that somebody took, and when."""

    at: datetime
    whose: str
    name: str
    quantity: int
    store: str | None


async def taken_by(pool: asyncpg.Pool, operator: str, since: datetime) -> list[Taken]:
    """What the operator of this name has taken from `since` on, the last first; at most MOST_SHOWN."""
    rows = await pool.fetch(TAKEN, operator, since, MOST_SHOWN)
    return [
        Taken(row["at"], mask(row["nickname"], row["member_id"]), row["name"], row["quantity"], row["store"])
        for row in rows
    ]
