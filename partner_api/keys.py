"""Keys of the partner API: `jf_live_`, an id of eight characters, `_` and 32 random bytes.

The id finds the row and is shown to people; the rest is the secret, of which the database has the SHA-256 alone. A secret of 256
random bits needs no slow hash.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, cast, get_args

import asyncpg

Scope: TypeAlias = Literal["events", "members", "deductions", "vouchers", "changes", "webhooks"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
Database: TypeAlias = asyncpg.Pool | asyncpg.Connection
MOST_PER_MINUTE: Final = 100_000
USE_NOTED_EVERY: Final = timedelta(minutes=1)
"""How far `used_at` may lag behind the last request, so that a busy key does not write its row at every request."""
NAME: Final = re.compile(r"[^\x00-\x1f\x7f|]{1,40}")
STORE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

_KEY: Final = re.compile(r"jf_live_([a-z2-9]{8})_([A-Za-z0-9_-]{43})")
_ID_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"

INSERT = """
INSERT INTO partner_key (id, name, scopes, store, per_minute, secret_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SELECT = """
SELECT id, name, scopes, store, per_minute, secret_hash, previous_hash, previous_until, created_at, rotated_at, revoked_at, used_at
FROM partner_key
"""
BY_ID = f"{SELECT} WHERE id = $1"
ALL = f"{SELECT} ORDER BY created_at, id"
ROTATE = """
UPDATE partner_key SET previous_hash = secret_hash, previous_until = $3, secret_hash = $2, rotated_at = $4
WHERE id = $1 AND revoked_at IS NULL RETURNING id
"""
CHANGE = (
    "UPDATE partner_key SET scopes = $2, per_minute = $3 WHERE id = $1 AND revoked_at IS NULL RETURNING id"
)
NOTE_USE = "UPDATE partner_key SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at <= $3)"
REVOKE = "UPDATE partner_key SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING id"


class KeyFault(ValueError):
    """What is asked of a new key cannot be; the message is one Chinese sentence."""


@dataclass(frozen=True)
class Key:
    """A key without its secret. With a `store` it acts for that store alone."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    store: str | None
    per_minute: int
    created_at: datetime
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def shown(self) -> str:
        """How people recognise the key: its beginning, which is no secret."""
        return f"jf_live_{self.id}…"

    @property
    def source(self) -> str:
        """Whose events these are: the store's, else those of the key's name. Keys of one store or name share their event ids."""
        return f"store:{self.store}" if self.store else f"name:{self.name}"


@dataclass(frozen=True)
class NewKey:
    """A key and its secret text, which is shown once."""

    key: Key
    text: str = field(repr=False)


async def create_key(
    pool: Database, name: str, scopes: list[str], store: str | None, per_minute: int, now: datetime
) -> NewKey:
    """Make a key. Raises KeyFault for an unusable name, scope, store or rate."""
    _check(name, scopes, store, per_minute)
    key_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(8))
    text = _text(key_id)
    ordered = _ordered(scopes)
    await pool.execute(INSERT, key_id, name, ",".join(ordered), store, per_minute, _hash(text), now)
    return NewKey(Key(key_id, name, ordered, store, per_minute, now), text)


async def list_keys(pool: asyncpg.Pool) -> list[Key]:
    """All keys, revoked ones included, oldest first."""
    return [_key(row) for row in await pool.fetch(ALL)]


async def rotate_key(pool: Database, key_id: str, now: datetime, *, grace: timedelta) -> NewKey | None:
    """Give a key a new secret; the present one is accepted for the time of `grace` yet. None for an unknown or revoked key."""
    text = _text(key_id)
    if await pool.fetchval(ROTATE, key_id, _hash(text), now + grace, now) is None:
        return None
    return NewKey(_key(await pool.fetchrow(BY_ID, key_id)), text)


async def change_key(pool: Database, key_id: str, scopes: list[str], per_minute: int) -> Key | None:
    """Change what a key may do and how often. None for an unknown or revoked key. Raises KeyFault."""
    _check_use(scopes, per_minute)
    if await pool.fetchval(CHANGE, key_id, ",".join(_ordered(scopes)), per_minute) is None:
        return None
    return await key_of(pool, key_id)


async def key_of(pool: Database, key_id: str) -> Key | None:
    """The key of that id, also a revoked one; None for an unknown one."""
    row = await pool.fetchrow(BY_ID, key_id)
    return None if row is None else _key(row)


async def note_use(pool: asyncpg.Pool, key: Key, now: datetime) -> None:
    """Write down that the key was used, at most once in USE_NOTED_EVERY."""
    if key.used_at is None or now - key.used_at >= USE_NOTED_EVERY:
        await pool.execute(NOTE_USE, key.id, now, now - USE_NOTED_EVERY)


async def revoke_key(pool: Database, key_id: str, now: datetime) -> Key | None:
    """Refuse a key from now on, for good. Safe to repeat. None for an unknown key."""
    if await pool.fetchval(REVOKE, key_id, now) is None:
        return None
    return _key(await pool.fetchrow(BY_ID, key_id))


async def find_key(pool: asyncpg.Pool, text: str, now: datetime) -> Key | None:
    """The key with this text; None if there is none, it is revoked, or it was rotated too long ago."""
    found = _KEY.fullmatch(text)
    row = await pool.fetchrow(BY_ID, found[1]) if found else None
    if row is None or row["revoked_at"] is not None:
        return None
    offered = _hash(text)
    is_present = hmac.compare_digest(offered, row["secret_hash"])
    is_previous = row["previous_hash"] is not None and hmac.compare_digest(offered, row["previous_hash"])
    return _key(row) if is_present or (is_previous and now < row["previous_until"]) else None


def _check(name: str, scopes: list[str], store: str | None, per_minute: int) -> None:
    if not NAME.fullmatch(name):
        raise KeyFault("密钥的名称应为 1 到 40 个字，不含竖线，写明它给谁用，例如「一店收银台」。")
    if store is not None and not STORE.fullmatch(store):
        raise KeyFault("门店编号应为小写字母、数字、连字符或下划线，例如 sh-01。")
    _check_use(scopes, per_minute)


def _check_use(scopes: list[str], per_minute: int) -> None:
    unknown = [one for one in scopes if one not in SCOPES]
    if unknown or not scopes:
        said = f"没有「{'、'.join(unknown)}」这项权限" if unknown else "至少要有一项权限"
        raise KeyFault(f"{said}，可以选：{'、'.join(SCOPES)}。")
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise KeyFault(f"每分钟的请求次数应在 1 到 {MOST_PER_MINUTE} 之间。")


def _ordered(scopes: list[str]) -> tuple[Scope, ...]:
    return tuple(one for one in SCOPES if one in scopes)


def _text(key_id: str) -> str:
    return f"jf_live_{key_id}_{secrets.token_urlsafe(32)}"


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _key(row: asyncpg.Record) -> Key:
    return Key(
        id=row["id"],
        name=row["name"],
        scopes=cast("tuple[Scope, ...]", tuple(row["scopes"].split(","))),
        store=row["store"],
        per_minute=row["per_minute"],
        created_at=row["created_at"],
        rotated_at=row["rotated_at"],
        revoked_at=row["revoked_at"],
        used_at=row["used_at"],
    )
