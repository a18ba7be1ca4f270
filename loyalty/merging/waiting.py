"""Members who were imported with a phone number and wait: who proves to have that number is this member."""

from typing import Final

import asyncpg

from loyalty.engine.engine import Engine
from loyalty.members.merged import survivors
from loyalty.members.phones import members_of_phones
from loyalty.merging.outcomes import MergedOut
from loyalty.merging.run import SYSTEM, current, merge

SAME_PHONE: Final = "手机号相同"
WAITS: Final = """
SELECT NOT EXISTS (SELECT FROM identity WHERE member_id = $1 AND NOT starts_with(provider, 'external:'))
"""


async def join_waiting(engine: Engine, pool: asyncpg.Pool, member_id: int, number: str) -> int:
    """Merge a member with the one who was imported with the canonical `number`, which WeChat has verified; who they are now.

    Nothing happens if nobody has the number, or somebody who has come themselves. Raises EngineUnavailable, KeyMissing.
    """
    owners = await members_of_phones(pool, engine.context.keyring, [number])
    found = (await survivors(pool, owners.values())).values()
    other = next((one for one in found if one != member_id), None)
    if other is None or not await pool.fetchval(WAITS, other):
        return member_id
    outcome = await merge(engine, (other, member_id), actor=SYSTEM, reason=SAME_PHONE)
    return await current(engine, member_id) if isinstance(outcome, MergedOut) else member_id
