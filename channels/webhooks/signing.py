"""The secrets that sign what is sent to a webhook: sealed in the database, and after a change both the new and the previous one.

The Standard Webhooks specification has one signature for each secret in the header, so that a receiver that knows either accepts.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import asyncpg
from standardwebhooks.webhooks import Webhook as Signer

from base.sealing import Keyring, Sealed

SECRET_BYTES: Final = 32
Database: TypeAlias = asyncpg.Pool | asyncpg.Connection

SECRETS: Final = """
SELECT seal_key_id, sealed_secret, previous_key_id, previous_sealed, previous_until FROM webhook WHERE id = $1
"""
ROTATE: Final = """
UPDATE webhook SET previous_sealed = sealed_secret, previous_key_id = seal_key_id, previous_until = $4, sealed_secret = $2,
    seal_key_id = $3
WHERE id = $1 AND removed_at IS NULL RETURNING id
"""
UNDER_ANOTHER_KEY: Final = """
SELECT id, seal_key_id, sealed_secret, previous_key_id, previous_sealed FROM webhook
WHERE seal_key_id <> $1 OR previous_key_id <> $1 LIMIT $2
"""
SEAL: Final = """
UPDATE webhook SET seal_key_id = $2, sealed_secret = $3, previous_key_id = $4, previous_sealed = $5
WHERE id = $1 AND sealed_secret = $6
"""


def new_secret() -> bytes:
    """A secret of 256 random bits."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """The secret as partners get it, once."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def owner_of(webhook_id: str) -> str:
    """What the sealed secret is bound to."""
    return f"webhook:{webhook_id}"


async def rotate_secret(
    database: Database, keyring: Keyring, webhook_id: str, secret: bytes, now: datetime, *, grace: timedelta
) -> bool:
    """Sign by a new secret, and for the time of `grace` by the present one as well. False without such a webhook."""
    sealed = keyring.seal(secret, owner_of(webhook_id))
    return await database.fetchval(ROTATE, webhook_id, sealed.sealed, sealed.key_id, now + grace) is not None


async def secrets_of(pool: asyncpg.Pool, keyring: Keyring, webhook_id: str, now: datetime) -> list[bytes]:
    """The secrets that sign now, the present one first. Raises SealingError."""
    row = await pool.fetchrow(SECRETS, webhook_id)
    sealed = [Sealed(row["seal_key_id"], row["sealed_secret"])]
    if row["previous_until"] is not None and now < row["previous_until"]:
        sealed.append(Sealed(row["previous_key_id"], row["previous_sealed"]))
    return [keyring.unseal(one, owner_of(webhook_id)) for one in sealed]


def signature(signers: Sequence[bytes], message_id: str, now: datetime, content: str) -> str:
    """The header of a message: a signature by each secret."""
    return " ".join(Signer(secret).sign(message_id, now, content) for secret in signers)


async def seal_webhooks_again(connection: asyncpg.Connection, keyring: Keyring, limit: int) -> int:
    """Seal the secrets of up to `limit` webhooks that are under another key with the present one; how many webhooks.

    Raises SealingError.
    """
    rows: Sequence[asyncpg.Record] = await connection.fetch(UNDER_ANOTHER_KEY, keyring.present_id, limit)
    for row in rows:
        present = _again(keyring, row["id"], row["seal_key_id"], row["sealed_secret"])
        previous = _again(keyring, row["id"], row["previous_key_id"], row["previous_sealed"])
        await connection.execute(SEAL, row["id"], *present, *previous, row["sealed_secret"])
    return len(rows)


def _again(
    keyring: Keyring, webhook_id: str, key_id: str | None, sealed: bytes | None
) -> tuple[str | None, bytes | None]:
    """A secret under the present key, as (key, sealed); without one, nothing."""
    if key_id is None or sealed is None:
        return None, None
    again = keyring.seal(keyring.unseal(Sealed(key_id, sealed), owner_of(webhook_id)), owner_of(webhook_id))
    return again.key_id, again.sealed
