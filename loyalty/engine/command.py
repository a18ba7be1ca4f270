"""Commands: requests to the engine to change one member's data, as small frozen values.

A command names the business fact that it makes true (`fact`), and a unique key lets each fact have one accepted receipt. Its
`fingerprint` covers what the client sent and no id or time made by the server, so that the engine can refuse a request key that
comes again with other content.
"""

import hashlib
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache, lru_cache
from json.encoder import encode_basestring_ascii as _as_json
from typing import ClassVar, NamedTuple

MEMBER = "member"
"""The actor of commands that members give themselves; such a command also records their visit."""
ENGINE = "engine"
"""The actor of follow-ups."""


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """One change for one member.

    `request_key` is the idempotency key, prefixed by its entry point (`oa:`, `api:`, `job:`); `at` is the aware instant of the
    action, such as when a message was written. `keep_refusal`: the caller was promised the same answer for the same key, so the
    engine stores any refusal too. `sent`: the words of a client who names things as people do (the default wheel, a code); the
    fingerprint then covers these words and none of the fields, which the entry point looked up and would look up differently once
    the rules have changed. The fields in `optional` count in the fingerprint only if they are given, so that a command which gains
    one still recognises the repeats of requests from before. `travels`: if the member was merged into another, the command runs for
    that one; a command that names the member's rows by their numbers does not, as the other has rows of the same numbers.
    """

    name: ClassVar[str]
    travels: ClassVar[bool] = True
    optional: ClassVar[tuple[str, ...]] = ()

    member_id: int
    request_key: str
    at: datetime
    actor: str = MEMBER
    keep_refusal: bool = False
    sent: str | None = None

    @abstractmethod
    def fact(self, day: date) -> tuple[str, str]:
        """The business fact as (scope, ref); `day` is the business day of `at`."""

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 over the command's name and what the client chose."""
        if self.sent is not None:
            return _fingerprint(self.name, (("sent", self.sent),))
        sent = ((name, getattr(self, name)) for name in _sent_by_client(type(self)))
        return _fingerprint(
            self.name,
            tuple(
                (name, str(value)) for name, value in sent if value is not None or name not in self.optional
            ),
        )


class DatedCommand(NamedTuple):
    """A command with the instant at which it takes effect, that instant's business day, and the scope and ref of its fact."""

    command: Command
    at: datetime
    day: date
    scope: str
    ref: str


@lru_cache(maxsize=256)
def _fingerprint(name: str, sent: tuple[tuple[str, str], ...]) -> bytes:
    return hashlib.sha256(_canonical(name, sent).encode()).digest()


def _canonical(name: str, sent: tuple[tuple[str, str], ...]) -> str:
    """What `json.dumps([name, dict(sent)], sort_keys=True)` gives, in a third of its time: it would make an encoder first."""
    told = ", ".join(f"{_as_json(key)}: {_as_json(value)}" for key, value in sorted(sent))
    return f"[{_as_json(name)}, {{{told}}}]"


@cache
def _sent_by_client(command: type[Command]) -> tuple[str, ...]:
    server_made = {
        "member_id", "request_key", "at", "actor", "keep_refusal", "entropy", "sent", "as_shown",
    }  # fmt: skip
    return tuple(one.name for one in fields(command) if one.name not in server_made)


def fresh_entropy() -> bytes:
    """Sixteen secret random bytes from which a command's voucher codes are made, because `decide` must be deterministic."""
    return secrets.token_bytes(16)


def check_at_least_one(count: int) -> None:
    """Raise ValueError for a count below one, which would make a price negative. Entry points refuse it before the command."""
    if count < 1:
        raise ValueError(f"a count must be at least 1, not {count}")
