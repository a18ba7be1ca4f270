"""The commands of referrals: each referral is bound once, qualified once and rewarded once."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from typing_extensions import override

from loyalty.engine.command import Command

NOBODY_ID: Final = 0
"""The inviter of an unknown code. The JSON API, whose refusals are stored, gives the engine such a command to refuse."""


@dataclass(frozen=True, kw_only=True)
class BindReferral(Command):
    """Record who invited this member: once, never themselves, and not after their first sign-in.

    `code` is the referral code that the client sent, if it sent one; another code with the same request key is another request.
    """

    name = "bind_referral"

    inviter_id: int
    code: str = ""

    @property
    @override
    def fingerprint(self) -> bytes:
        """Hash the `code` if the client sent one, and not `inviter_id`: the server looked that up, and a merge may change it."""
        sent = replace(self, inviter_id=0) if self.code else self
        return super(BindReferral, sent).fingerprint

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral_bind", "inviter"


@dataclass(frozen=True, kw_only=True)
class QualifyReferral(Command):
    """The friend has met the condition: grant the friend's gift, with the inviter's reward as a follow-up."""

    name = "qualify_referral"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral_qualify", "friend"


@dataclass(frozen=True, kw_only=True)
class RewardReferral(Command):
    """Grant the inviter's reward for one qualified friend; runs as a follow-up."""

    name = "reward_referral"

    friend_id: int

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "referral", f"{self.friend_id}:inviter"
