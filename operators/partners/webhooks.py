"""What operators do with webhooks: stop, resume, remove, try out, renew the secret, send again; the operation log has each."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

import asyncpg

from channels.webhooks import deliveries, endpoints, signing
from channels.webhooks.endpoints import BY_OPERATOR, Removed
from channels.webhooks.sending import Sender, open_webhook_http
from operators.desk import Desk
from operators.roles import Action

T = TypeVar("T")
URL: Final = "SELECT url FROM webhook WHERE id = $1 AND removed_at IS NULL"


@dataclass(frozen=True)
class Tried:
    """What a test came to: the answer's status, or None and why there was none; and how long it took."""

    status: int | None
    error: str
    took_s: float

    @property
    def good(self) -> bool:
        """Whether the address took it."""
        return self.status is not None and 200 <= self.status < 300


async def stop(desk: Desk, webhook_id: str, reason: str = "") -> bool:
    """Send nothing more until it is resumed; what comes meanwhile waits. False if it was stopped or removed already.

    Raises NotAllowed and EngineUnavailable, as all of these.
    """
    return await _noted(
        desk,
        webhook_id,
        lambda connection: endpoints.stop_webhook(connection, webhook_id, BY_OPERATOR, desk.now()),
        lambda _: {"does": "stop_webhook"},
        reason,
    )


async def resume(desk: Desk, webhook_id: str, reason: str = "") -> bool:
    """Send again, from where it was stopped. False if it was not stopped."""
    return await _noted(
        desk,
        webhook_id,
        lambda connection: endpoints.resume_webhook(connection, webhook_id),
        lambda _: {"does": "resume_webhook"},
        reason,
    )


async def remove(desk: Desk, webhook_id: str, reason: str = "") -> Removed | None:
    """Remove a webhook for good; what still waited is named and kept as dead. None if there is none of that id."""
    return await _noted(
        desk,
        webhook_id,
        lambda connection: endpoints.remove_webhook(connection, webhook_id, desk.now()),
        lambda done: {"does": "remove_webhook"} | (asdict(done) if done else {}),
        reason,
    )


async def rotate(desk: Desk, webhook_id: str, *, grace: timedelta, reason: str = "") -> str | None:
    """Sign by a new secret, for `grace` also by the present one; the new one's text, shown once. None for an unknown webhook."""
    secret, keyring = signing.new_secret(), desk.resources.settings.keyring
    done = await _noted(
        desk,
        webhook_id,
        lambda connection: signing.rotate_secret(
            connection, keyring, webhook_id, secret, desk.now(), grace=grace
        ),
        lambda _: {"does": "rotate_webhook", "grace_h": grace / timedelta(hours=1)},
        reason,
    )
    return signing.shown(secret) if done else None


async def try_out(desk: Desk, webhook_id: str) -> Tried | None:
    """Send a signed test from this process and wait for the answer; nothing is tried again. None for an unknown webhook."""
    await desk.require(Action.KEYS)
    pool, settings = desk.resources.pool, desk.resources.settings
    url = await pool.fetchval(URL, webhook_id)
    if url is None:
        return None
    private, began = settings.webhook_private == "allow", time.monotonic()
    async with open_webhook_http(private_allowed=private) as http:
        sender = Sender(pool, settings.keyring, http, private_allowed=private)
        status, error = await sender.try_out(webhook_id, url, desk.now())
    tried = Tried(status, error, time.monotonic() - began)
    after = {"does": "test_webhook", "status": status, "error": error}
    await desk.change(lambda connection: desk.note(connection, Action.KEYS, webhook_id, after=after))
    return tried


async def replay(desk: Desk, webhook_id: str, change_id: str | None = None) -> int:
    """Make one delivery due again, or with None all that are dead; how many. None are after the webhook is removed."""
    wanted = None if change_id is None else [change_id]
    return await _noted(
        desk,
        webhook_id,
        lambda connection: deliveries.replay(connection, webhook_id, wanted, desk.now()),
        lambda count: {"does": "replay", "change": change_id, "deliveries": count},
    )


async def _noted(
    desk: Desk,
    webhook_id: str,
    work: Callable[[asyncpg.Connection], Awaitable[T]],
    after: Callable[[T], Mapping[str, Any]],
    reason: str = "",
) -> T:
    """Do the work, and log it in its transaction if it did anything."""
    await desk.require(Action.KEYS)

    async def change(connection: asyncpg.Connection) -> T:
        done = await work(connection)
        if done:
            await desk.note(connection, Action.KEYS, webhook_id, after=after(done), reason=reason)
        return done

    return await desk.change(change)
