"""The webhooks that partners have registered: an address, and how far the feed was sent there."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

import asyncpg

from base.sealing import Keyring
from channels.webhooks.signing import new_secret, owner_of, shown
from loyalty.changes import Position

MOST_PER_KEY: Final = 10
MOST_NAMED: Final = 20
GONE: Final = "gone"
BY_OPERATOR: Final = "operator"
"""Why a webhook was stopped: its address answered 410, or an operator stopped it."""
REMOVED: Final = "removed"
"""The error of deliveries that still waited when their webhook was removed."""
Database: TypeAlias = asyncpg.Pool | asyncpg.Connection
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"

COLUMNS: Final = (
    "id, key_id, store, url, created_at, stopped_at, stopped_because, sent_at, sent_member, sent_no"
)
INSERT: Final = """
INSERT INTO webhook (id, key_id, store, url, sealed_secret, seal_key_id, created_at, sent_at, sent_member, sent_no)
SELECT $1, $2, $3, $4, $5, $6, $7, $7, 0, 0
WHERE (SELECT count(*) FROM webhook WHERE key_id = $2 AND removed_at IS NULL) < $8 RETURNING id
"""
OF_KEY: Final = (
    f"SELECT {COLUMNS} FROM webhook WHERE key_id = $1 AND removed_at IS NULL ORDER BY created_at, id"  # noqa: S608  # our own names
)
ACTIVE: Final = f"""
SELECT {COLUMNS} FROM webhook w
WHERE removed_at IS NULL AND stopped_at IS NULL
    AND EXISTS (SELECT FROM partner_key k WHERE k.id = w.key_id AND k.revoked_at IS NULL)
ORDER BY id
"""  # noqa: S608  # our own names
REMOVE: Final = """
UPDATE webhook SET removed_at = $2 WHERE id = $1 AND ($3::text IS NULL OR key_id = $3) AND removed_at IS NULL RETURNING id
"""
BURY: Final = """
UPDATE webhook_delivery SET state = 'dead', due_at = $2, last_error = $3 WHERE webhook_id = $1 AND state = 'due' RETURNING change_id
"""
STOP: Final = """
UPDATE webhook SET stopped_at = $2, stopped_because = $3 WHERE id = $1 AND stopped_at IS NULL AND removed_at IS NULL
RETURNING id
"""
RESUME: Final = """
UPDATE webhook SET stopped_at = NULL, stopped_because = NULL WHERE id = $1 AND stopped_at IS NOT NULL AND removed_at IS NULL
RETURNING id
"""


class TooManyWebhooks(Exception):
    """The key has MOST_PER_KEY webhooks already."""


@dataclass(frozen=True)
class Webhook:
    """A registered webhook. With a `store` it gets the changes of that store alone; `sent` is how far the feed was handed over."""

    id: str
    key_id: str
    store: str | None
    url: str
    created_at: datetime
    stopped_at: datetime | None
    stopped_because: str | None
    sent: Position


@dataclass(frozen=True)
class NewWebhook:
    """A new webhook's id, and its secret, which is shown once."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Removed:
    """How many deliveries still waited when their webhook was removed, and the changes of the first MOST_NAMED of them."""

    waiting: int
    named: tuple[str, ...]


async def add_webhook(
    pool: asyncpg.Pool, keyring: Keyring, key_id: str, store: str | None, url: str, now: datetime
) -> NewWebhook:
    """Register a checked address; it gets the changes from now on. Raises TooManyWebhooks and KeyMissing."""
    new_id = "wh_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = new_secret()
    sealed = keyring.seal(secret, owner_of(new_id))
    values = (new_id, key_id, store, url, sealed.sealed, sealed.key_id, now, MOST_PER_KEY)
    if await pool.fetchval(INSERT, *values) is None:
        raise TooManyWebhooks
    return NewWebhook(new_id, shown(secret))


async def webhooks_of(pool: asyncpg.Pool, key_id: str) -> list[Webhook]:
    """The webhooks of a key, oldest first."""
    return [_webhook(row) for row in await pool.fetch(OF_KEY, key_id)]


async def active_webhooks(pool: asyncpg.Pool) -> list[Webhook]:
    """All webhooks that get changes."""
    return [_webhook(row) for row in await pool.fetch(ACTIVE)]


async def remove_webhook(
    connection: asyncpg.Connection, webhook_id: str, now: datetime, key_id: str | None = None
) -> Removed | None:
    """Remove a webhook, in the caller's transaction; what still waited becomes dead. None if there is none of that id, or with a
    `key_id` none of this key.
    """
    if await connection.fetchval(REMOVE, webhook_id, now, key_id) is None:
        return None
    waiting = sorted(row["change_id"] for row in await connection.fetch(BURY, webhook_id, now, REMOVED))
    return Removed(len(waiting), tuple(waiting[:MOST_NAMED]))


async def stop_webhook(pool: Database, webhook_id: str, because: str, now: datetime) -> bool:
    """Send no more to an address; False if nothing was sent there any more."""
    return await pool.fetchval(STOP, webhook_id, now, because) is not None


async def resume_webhook(pool: Database, webhook_id: str) -> bool:
    """Send again from where the feed was left; False if the webhook was not stopped."""
    return await pool.fetchval(RESUME, webhook_id) is not None


def _webhook(row: asyncpg.Record) -> Webhook:
    sent = Position(row["sent_at"], row["sent_member"], row["sent_no"])
    return Webhook(
        row["id"], row["key_id"], row["store"], row["url"], row["created_at"], row["stopped_at"], row["stopped_because"], sent
    )  # fmt: skip
