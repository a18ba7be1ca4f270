"""Why a command was refused: a name for each reason, with its facts. Nothing moved."""

from dataclasses import dataclass
from datetime import date

from loyalty.outcomes import Refusal


@dataclass(frozen=True)
class NotEnoughPoints(Refusal):
    """The wallet holds fewer spendable points than needed."""

    code = "not_enough_points"
    stored = True
    needed: int
    available: int


@dataclass(frozen=True)
class OutOfStock(Refusal):
    """Fewer pieces are left than asked for."""

    code = "out_of_stock"
    stored = True
    item: str
    name: str
    left: int


@dataclass(frozen=True)
class DrawLimitReached(Refusal):
    """The wheel's draws of the day are used up for this member."""

    code = "draw_limit_reached"
    stored = True
    limit: int
    left: int


@dataclass(frozen=True)
class AlreadyCheckedIn(Refusal):
    """The day's sign-in stands; its facts."""

    code = "already_checked_in"
    day: date
    streak: int
    points: int
    balance: int
    next_bonus: int | None = None
    next_bonus_in: int | None = None


@dataclass(frozen=True)
class AlreadyDone(Refusal):
    """Another request already made this fact (`scope`, `ref`) stand."""

    code = "already_done"
    scope: str
    ref: str


@dataclass(frozen=True)
class AlreadyBound(Refusal):
    """This member's inviter is settled, for ever."""

    code = "already_bound"
    inviter_id: int


@dataclass(frozen=True)
class SelfReferral(Refusal):
    """Nobody invites oneself."""

    code = "self_referral"


@dataclass(frozen=True)
class ReferralTooLate(Refusal):
    """The member has signed in before and is no newcomer any more."""

    code = "referral_too_late"


@dataclass(frozen=True)
class InviterTooNew(Refusal):
    """The inviter joined after the member they would have invited."""

    code = "inviter_too_new"


@dataclass(frozen=True)
class UnknownReferralCode(Refusal):
    """The invitation's code is nobody's."""

    code = "unknown_referral_code"


@dataclass(frozen=True)
class NotReferred(Refusal):
    """Nobody is remembered as this member's inviter, or the referral has qualified already."""

    code = "not_referred"


@dataclass(frozen=True)
class UnknownWheel(Refusal):
    """No such wheel in the live rules."""

    code = "unknown_wheel"
    wheel: str


@dataclass(frozen=True)
class UnknownReward(Refusal):
    """No such reward in the live rules."""

    code = "unknown_reward"
    reward: str


@dataclass(frozen=True)
class UnknownRedemption(Refusal):
    """The member has no such redemption."""

    code = "unknown_redemption"
    redemption: str


@dataclass(frozen=True)
class NotCancellable(Refusal):
    """The redemption is used, lapsed, cancelled, or was won and not bought."""

    code = "not_cancellable"
    state: str


@dataclass(frozen=True)
class AccountClosed(Refusal):
    """The account's status forbids movements."""

    code = "account_closed"
    status: str


@dataclass(frozen=True)
class UnknownMember(Refusal):
    """There is no such account."""

    code = "unknown_member"
    member_id: int


@dataclass(frozen=True)
class RequestKeyReused(Refusal):
    """The request key was used before with other content."""

    code = "idempotency_key_reused"


@dataclass(frozen=True)
class NothingDue(Refusal):
    """A job's command found nothing to do for this member."""

    code = "nothing_due"


@dataclass(frozen=True)
class DayPassed(Refusal):
    """The command speaks of a business day before one that is already signed in; days are signed in order."""

    code = "day_passed"
    day: date
