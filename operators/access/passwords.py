"""Operators' passwords: Argon2id with the library's defaults (RFC 9106, 64 MiB), computed in threads, a few at a time."""

import asyncio
import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST: Final = 10
LONGEST: Final = 200
AT_ONCE: Final = 2
"""Hashes that one process computes at a time: each takes 64 MiB, and anybody can cause one by a log-in."""
_ONCE_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"

HASHER: Final = PasswordHasher()
_slots: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def fault_of(password: str, name: str) -> str | None:
    """What is wrong with a new password, as a Chinese sentence; None if it can be used."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"密码应为 {SHORTEST} 到 {LONGEST} 个字符。"
    if len(set(password)) < 5:
        return "密码里不同的字符太少，请换一个。"
    if name.casefold() in password.casefold():
        return "密码里不要含有自己的名字。"
    return None


def one_time_password() -> str:
    """A fresh one-time password, such as `k7m2-p9x3-hq4w`: about 59 bits."""
    drawn = "".join(secrets.choice(_ONCE_ALPHABET) for _ in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))


async def hashed(password: str) -> str:
    """The hash of a password, with its own salt and parameters."""
    async with _slot():
        return await asyncio.to_thread(HASHER.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether the password has this hash. Without a hash it takes as long, and is false."""
    async with _slot():
        is_right = await asyncio.to_thread(_verify, stored or decoy(), password[:LONGEST])
    return is_right and stored is not None and len(password) <= LONGEST


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def decoy() -> str:
    """The hash of a password that nobody has."""
    return HASHER.hash(secrets.token_urlsafe(32))


def _slot() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    for closed in [one for one in _slots if one.is_closed()]:
        del _slots[closed]
    return _slots.setdefault(loop, asyncio.Semaphore(AT_ONCE))
