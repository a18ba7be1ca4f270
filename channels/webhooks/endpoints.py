"""The webhooks that partners have registered: an address, a secret that signs what is sent there, and how far the feed was sent."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import asyncpg

from base.sealing import Keyring, Sealed
from loyalty.changes import Position

SECRET_BYTES: Final = 32
MOST_PER_KEY: Final = 10
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
REMOVE: Final = (
    "UPDATE webhook SET removed_at = $3 WHERE id = $1 AND key_id = $2 AND removed_at IS NULL RETURNING id"
)
STOP: Final = "UPDATE webhook SET stopped_at = $2, stopped_because = $3 WHERE id = $1 AND stopped_at IS NULL"
SECRET: Final = "SELECT seal_key_id, sealed_secret FROM webhook WHERE id = $1"  # noqa: S105  # a statement
UNDER_ANOTHER_KEY: Final = (
    "SELECT id, seal_key_id, sealed_secret FROM webhook WHERE seal_key_id <> $1 LIMIT $2"
)
SEAL: Final = "UPDATE webhook SET seal_key_id = $2, sealed_secret = $3 WHERE id = $1"


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


async def add_webhook(
    pool: asyncpg.Pool, keyring: Keyring, key_id: str, store: str | None, url: str, now: datetime
) -> NewWebhook:
    """Register a checked address; it gets the changes from now on. Raises TooManyWebhooks and KeyMissing."""
    new_id = "wh_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = secrets.token_bytes(SECRET_BYTES)
    sealed = keyring.seal(secret, _owner(new_id))
    values = (new_id, key_id, store, url, sealed.sealed, sealed.key_id, now, MOST_PER_KEY)
    if await pool.fetchval(INSERT, *values) is None:
        raise TooManyWebhooks
    return NewWebhook(new_id, f"whsec_{base64.b64encode(secret).decode()}")


async def webhooks_of(pool: asyncpg.Pool, key_id: str) -> list[Webhook]:
    """The webhooks of a key, oldest first."""
    return [_webhook(row) for row in await pool.fetch(OF_KEY, key_id)]


async def active_webhooks(pool: asyncpg.Pool) -> list[Webhook]:
    """All webhooks that get changes."""
    return [_webhook(row) for row in await pool.fetch(ACTIVE)]


async def remove_webhook(pool: asyncpg.Pool, webhook_id: str, key_id: str, now: datetime) -> bool:
    """Remove a webhook of this key; False if it has none of that id."""
    return await pool.fetchval(REMOVE, webhook_id, key_id, now) is not None


async def stop_webhook(pool: asyncpg.Pool, webhook_id: str, because: str, now: datetime) -> None:
    """Send no more to an address that says it is gone."""
    await pool.execute(STOP, webhook_id, now, because)


async def secret_of(pool: asyncpg.Pool, keyring: Keyring, webhook_id: str) -> bytes:
    """The secret that signs. Raises SealingError."""
    row = await pool.fetchrow(SECRET, webhook_id)
    return keyring.unseal(Sealed(*row), _owner(webhook_id))


async def seal_webhooks_again(connection: asyncpg.Connection, keyring: Keyring, limit: int) -> int:
    """Seal up to `limit` secrets that are under another key with the present one; how many. Raises SealingError."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(UNDER_ANOTHER_KEY, keyring.present_id, limit)
    for row in rows:
        secret = keyring.unseal(Sealed(row["seal_key_id"], row["sealed_secret"]), _owner(row["id"]))
        sealed = keyring.seal(secret, _owner(row["id"]))
        await connection.execute(SEAL, row["id"], sealed.key_id, sealed.sealed)
    return len(rows)


def _webhook(row: asyncpg.Record) -> Webhook:
    sent = Position(row["sent_at"], row["sent_member"], row["sent_no"])
    return Webhook(
        row["id"], row["key_id"], row["store"], row["url"], row["created_at"], row["stopped_at"], row["stopped_because"], sent
    )  # fmt: skip


def _owner(webhook_id: str) -> str:
    return f"webhook:{webhook_id}"
