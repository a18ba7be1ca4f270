"""The commands of referrals: bound once, qualified once, rewarded once."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from typing_extensions import override

from loyalty.engine.command import Command

NOBODY_ID: Final = 0
"""The inviter of a code that belongs to nobody: a door that keeps refusals lets the engine refuse it."""


@dataclass(frozen=True, kw_only=True)
class BindReferral(Command):
    """Remember who invited this member: once, never oneself, and not after the first sign-in.

    `code` is what the client sent, where it sent one: another code under the same key is another request.
    """

    name = "bind_referral"

    inviter_id: int
    code: str = ""

    @property
    @override
    def fingerprint(self) -> bytes:
        """Over the code where one was sent, and not over `inviter_id`: the server looked that up, and a merge may change it."""
        sent = replace(self, inviter_id=0) if self.code else self
        return super(BindReferral, sent).fingerprint

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral_bind", "inviter"


@dataclass(frozen=True, kw_only=True)
class QualifyReferral(Command):
    """The friend has met the condition: give the friend's gift and owe the inviter theirs."""

    name = "qualify_referral"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral_qualify", "friend"


@dataclass(frozen=True, kw_only=True)
class RewardReferral(Command):
    """The inviter's reward for one qualified friend; runs as a follow-up."""

    name = "reward_referral"

    friend_id: int

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral", f"{self.friend_id}:inviter"
