"""Sessions: a random token for the mini-program, of which the database stores the SHA-256 alone."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import asyncpg

LIFETIME: Final = timedelta(days=30)


@dataclass(frozen=True)
class OpenSession:
    """A new session. The token is 32 random bytes in URL-safe base64; it is sent once and never stored."""

    token: str = field(repr=False)
    expires_at: datetime


async def open_session(pool: asyncpg.Pool, member_id: int, now: datetime) -> OpenSession:
    """Open a session of 30 days for the member."""
    session = OpenSession(secrets.token_urlsafe(32), now + LIFETIME)
    await pool.execute(
        "INSERT INTO session (token_hash, member_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        hash_token(session.token), member_id, now, session.expires_at,
    )  # fmt: skip
    return session


def hash_token(token: str) -> bytes:
    """The SHA-256 of a token. Sessions are looked up by it, so that the time of a look-up reveals nothing about a token."""
    return hashlib.sha256(token.encode()).digest()
