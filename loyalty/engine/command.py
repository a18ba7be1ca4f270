"""What can be asked of the engine: small frozen values, one member each, with a request key and an instant.

A command names the fact it wants (`fact`): two accepted receipts can never carry the same one. Its `fingerprint` covers what
the client sent, never ids or times made by the server, so that the same request key with other content is found out.
"""

import hashlib
import json
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache, lru_cache
from typing import ClassVar, NamedTuple

MEMBER = "member"
"""The actor of what members ask for themselves, which shows that they were here."""


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """One change asked for one member.

    `request_key` is the door's, prefixed by it (`oa:`, `api:`, `job:`); `at` is the aware instant the command speaks of.
    `keep_refusal`: the caller was promised that the same key hears the same answer, so any refusal is stored too.
    """

    name: ClassVar[str]

    member_id: int
    request_key: str
    at: datetime
    actor: str = MEMBER
    keep_refusal: bool = False

    @abstractmethod
    def fact(self, day: date) -> tuple[str, str]:
        """Scope and ref of the business fact; `day` is the business day of `at`."""

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 over the command's name and what the client chose."""
        return _fingerprint(
            self.name, tuple((name, str(getattr(self, name))) for name in _sent_by_client(type(self)))
        )


class Asked(NamedTuple):
    """A command with the instant it takes effect, that instant's business day, and the fact it names."""

    command: Command
    at: datetime
    day: date
    scope: str
    ref: str


@lru_cache(maxsize=256)
def _fingerprint(name: str, sent: tuple[tuple[str, str], ...]) -> bytes:
    return hashlib.sha256(json.dumps([name, dict(sent)], sort_keys=True).encode()).digest()


@cache
def _sent_by_client(command: type[Command]) -> tuple[str, ...]:
    server_made = {"member_id", "request_key", "at", "actor", "keep_refusal", "entropy"}
    return tuple(one.name for one in fields(command) if one.name not in server_made)


def fresh_entropy() -> bytes:
    """Sixteen secret random bytes from which a command's voucher codes are made; decide itself rolls no dice."""
    return secrets.token_bytes(16)


def check_at_least_one(count: int) -> None:
    """Raise ValueError for a count below one: a negative price would be a gift. Doors refuse it before."""
    if count < 1:
        raise ValueError(f"a count must be at least 1, not {count}")
