"""The job of webhooks: hand the feed of changes over to each webhook, and send what is due, a few at a time."""

import asyncio
from datetime import datetime
from typing import Final

from channels.webhooks.deliveries import PAGE, due, forget, hand_over
from channels.webhooks.endpoints import active_webhooks
from channels.webhooks.sending import Sender, open_webhook_http
from runtime.resources import Resources
from tasks.budget import Budget

LANES: Final = 8


async def send_webhooks(resources: Resources, now: datetime) -> int:
    """Send the deliveries that are due; how many were tried. Concurrent runs are safe: a lease gives each delivery one sender."""
    pool, budget, tried = resources.pool, Budget(), 0
    for webhook in await active_webhooks(pool):
        await hand_over(pool, webhook, now)
    await forget(pool, now)
    private = resources.settings.webhook_private == "allow"
    async with open_webhook_http(private_allowed=private) as http:
        sender = Sender(pool, resources.settings.keyring, http, private_allowed=private)
        while budget.has_time() and (keys := await due(pool, now, PAGE)):
            for start in range(0, len(keys), LANES):
                if budget.has_time():
                    lanes = [sender.send(*key, now) for key in keys[start : start + LANES]]
                    tried += sum(await asyncio.gather(*lanes))
    return tried
