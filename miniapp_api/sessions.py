"""Sessions: a random token for the mini-program, of which only the SHA-256 is kept."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import asyncpg
from aiohttp import web

LIFE: Final = timedelta(days=30)

_BEARER: Final = re.compile(r"[Bb]earer +([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class OpenSession:
    """A token just made: 32 random bytes in URL-safe base64, shown once and never stored."""

    token: str = field(repr=False)
    expires_at: datetime


async def open_session(pool: asyncpg.Pool, member_id: int, now: datetime) -> OpenSession:
    """Make a session of 30 days for the member."""
    session = OpenSession(secrets.token_urlsafe(32), now + LIFE)
    await pool.execute(
        "INSERT INTO session (token_hash, member_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        fingerprint(session.token), member_id, now, session.expires_at,
    )  # fmt: skip
    return session


def bearer_token(request: web.Request) -> str | None:
    """The token of the Authorization header; None unless there is exactly one of the right form."""
    values = request.headers.getall("Authorization", [])
    found = _BEARER.fullmatch(values[0]) if len(values) == 1 else None
    return found[1] if found else None


def fingerprint(token: str) -> bytes:
    """What is kept of a token. Sessions are found by it, so that a look-up's timing says nothing about any token."""
    return hashlib.sha256(token.encode()).digest()
