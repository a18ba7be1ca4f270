"""Commands: requests to the engine to change one member's data, as small frozen values.

A command names the business fact that it makes true (`fact`), and a unique key lets each fact have one accepted receipt. Its
`fingerprint` covers what the client sent and no id or time made by the server, so that the engine can refuse a request key that
comes again with other content.
"""

import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
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
            return _digest(self.name, [f'"sent": {_as_json(self.sent)}'])
        told = [
            f"{key}: {_as_json(str(value))}"
            for name, key, is_optional in _sent_by_client(type(self))
            if (value := getattr(self, name)) is not None or not is_optional
        ]
        return _digest(self.name, told) if told else _digest_of_nothing(self.name)


class DatedCommand(NamedTuple):
    """A command with the instant at which it takes effect, that instant's business day, and the scope and ref of its fact."""

    command: Command
    at: datetime
    day: date
    scope: str
    ref: str


def _digest(name: str, told: Sequence[str]) -> bytes:
    """SHA-256 of what `json.dumps([name, {…}], sort_keys=True)` gives, in a third of its time: it would make an encoder first."""
    return hashlib.sha256(f"[{_as_json(name)}, {{{', '.join(told)}}}]".encode()).digest()


@cache
def _digest_of_nothing(name: str) -> bytes:
    return _digest(name, ())


@cache
def _sent_by_client(command: type[Command]) -> tuple[tuple[str, str, bool], ...]:
    """The fields that the fingerprint covers, sorted: each with its name in JSON, and whether it is optional."""
    server_made = {
        "member_id", "request_key", "at", "actor", "keep_refusal", "entropy", "sent", "as_shown",
    }  # fmt: skip
    names = sorted(one.name for one in fields(command) if one.name not in server_made)
    return tuple((name, _as_json(name), name in command.optional) for name in names)


def fresh_entropy() -> bytes:
    """Sixteen secret random bytes from which a command's voucher codes are made, because `decide` must be deterministic."""
    return secrets.token_bytes(16)


def check_at_least_one(count: int) -> None:
    """Raise ValueError for a count below one, which would make a price negative. Entry points refuse it before the command."""
    if count < 1:
        raise ValueError(f"a count must be at least 1, not {count}")
