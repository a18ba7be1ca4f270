"""Sending deliveries of webhooks again, with a row in the operation log."""

import asyncpg

from channels.webhooks import deliveries
from operators.desk import Desk
from operators.roles import Action


async def replay(desk: Desk, webhook_id: str, change_id: str | None = None) -> int:
    """Make one delivery due again, or with None all that are dead; how many. Raises NotAllowed and EngineUnavailable."""
    await desk.require(Action.KEYS)
    wanted = None if change_id is None else [change_id]

    async def again(connection: asyncpg.Connection) -> int:
        count = await deliveries.replay(connection, webhook_id, wanted, desk.now())
        if count:
            after = {"does": "replay", "change": change_id, "deliveries": count}
            await desk.note(connection, Action.KEYS, webhook_id, after=after)
        return count

    return await desk.change(again)
