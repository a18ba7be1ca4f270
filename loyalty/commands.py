"""What can be asked of the engine: small frozen values, one member each, with a request key and an instant.

A command names the fact it wants (`fact`): two accepted receipts can never carry the same one. Its `fingerprint` covers what
the client sent, never ids or times made by the server, so that the same request key with other content is found out.
"""

import hashlib
import json
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, ClassVar

from typing_extensions import override

from loyalty.ids import redemption_id
from loyalty.needs import Need

MEMBER = "member"
"""The actor of what members ask for themselves, which shows that they were here."""


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """One change asked for one member.

    `request_key` is the door's, prefixed by it (`oa:`, `api:`, `job:`); `at` is the aware instant the command speaks of.
    `keep_refusal`: the caller was promised that the same key hears the same answer, so any refusal is stored too.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[Need]] = frozenset()

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


@dataclass(frozen=True, kw_only=True)
class Welcome(Command):
    """The new member's gift, once per member for ever (also after unfollow and refollow)."""

    name = "welcome"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "welcome", "gift"


@dataclass(frozen=True, kw_only=True)
class CheckIn(Command):
    """Sign in for the business day of `at`."""

    name = "check_in"
    needs = frozenset({Need.CHECK_INS, Need.REFERRAL})

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "check_in", day.isoformat()


@dataclass(frozen=True, kw_only=True)
class Draw(Command):
    """Spin a wheel `count` times; `client_seed` is the member's own addition to the roll."""

    name = "draw"
    needs = frozenset({Need.DRAWS, Need.STOCK})

    wheel: str
    count: int = 1
    client_seed: str = ""
    entropy: bytes = field(default_factory=fresh_entropy, repr=False)

    def __post_init__(self) -> None:
        check_at_least_one(self.count)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "draw", f"{self.wheel}:{self.request_key}"


@dataclass(frozen=True, kw_only=True)
class Redeem(Command):
    """Exchange points for `quantity` of a reward."""

    name = "redeem"
    needs = frozenset({Need.STOCK})

    reward: str
    quantity: int = 1
    entropy: bytes = field(default_factory=fresh_entropy, repr=False)

    def __post_init__(self) -> None:
        check_at_least_one(self.quantity)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "redeem", self.request_key


@dataclass(frozen=True, kw_only=True)
class Cancel(Command):
    """Give an unused redemption back: its points return to the lots they came from."""

    name = "cancel"
    needs = frozenset({Need.REDEMPTION})

    receipt_no: int
    line: int

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "cancel", redemption_id(self.receipt_no, self.line)


@dataclass(frozen=True, kw_only=True)
class Expire(Command):
    """Book what has opened or lapsed, and nothing else."""

    name = "expire"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "expire", day.isoformat()


@dataclass(frozen=True, kw_only=True)
class BindReferral(Command):
    """Remember who invited this member: once, never oneself, and not after the first sign-in.

    `code` is what the client sent, where it sent one: another code under the same key is another request.
    """

    name = "bind_referral"
    needs = frozenset({Need.CHECK_INS, Need.REFERRAL})

    inviter_id: int
    code: str = ""

    @property
    @override
    def fingerprint(self) -> bytes:
        """Over the code, where one was sent: whose it is, the server looked up, and a merge of members may change."""
        sent = replace(self, inviter_id=0) if self.code else self
        return super(BindReferral, sent).fingerprint

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral_bind", "inviter"


@dataclass(frozen=True, kw_only=True)
class QualifyReferral(Command):
    """The friend has met the condition: give the friend's gift and owe the inviter theirs."""

    name = "qualify_referral"
    needs = frozenset({Need.REFERRAL})

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral_qualify", "friend"


@dataclass(frozen=True, kw_only=True)
class RewardReferral(Command):
    """The inviter's reward for one qualified friend; runs as a follow-up."""

    name = "reward_referral"
    needs = frozenset({Need.REFERRALS_REWARDED})

    friend_id: int

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral", f"{self.friend_id}:inviter"


@dataclass(frozen=True, kw_only=True)
class WarnExpiry(Command):
    """Tell a member what lapses within one of the rule set's ranges; one notice per range and lapse day."""

    name = "warn_expiry"
    needs = frozenset({Need.NOTICES})

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "warn_expiry", day.isoformat()


@dataclass(frozen=True, kw_only=True)
class WakeUp(Command):
    """Wake a member who has been silent since `silent_since`; once per silence."""

    name = "wake_up"
    needs = frozenset({Need.PROFILE})

    silent_since: date

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "wake_up", self.silent_since.isoformat()


FOLLOW_UPS: dict[str, type[Command]] = {
    command.name: command for command in (Welcome, QualifyReferral, RewardReferral)
}
"""Commands that may be owed: what a follow-up row can name."""


def owed_command(
    name: str, member_id: int, request_key: str, payload: dict[str, Any], at: datetime
) -> Command:
    """The command a follow-up row stands for. Raises KeyError for a name that cannot be owed."""
    return FOLLOW_UPS[name](member_id=member_id, request_key=request_key, at=at, actor="engine", **payload)
