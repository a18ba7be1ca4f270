"""What a command came to: a result with its facts, or a named refusal with its facts.

    Outcome
    ├── Result: Welcomed · CheckedIn · Drawn · Redeemed · Cancelled · Booked
    │           ReferralBound · ReferralQualified · ReferralRewarded · ExpiryWarned · WokenUp
    └── Refusal
        ├── stored (they depended on the state; a late duplicate must hear the same)
        │     NotEnoughPoints · OutOfStock · DrawLimitReached
        └── not stored, unless the command keeps every refusal
              AlreadyCheckedIn · AlreadyDone · AlreadyBound · SelfReferral · ReferralTooLate
              InviterTooNew · NotReferred · UnknownWheel · UnknownReward · UnknownRedemption · NotCancellable
              AccountClosed · UnknownMember · UnknownReferralCode · RequestKeyReused · NothingDue · DayPassed

Facts are what a door needs to render the answer; they are stored in the receipt, the text never is.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pydantic import TypeAdapter


class Outcome:
    """Root of everything `decide` may answer."""

    code: ClassVar[str]
    _by_code: ClassVar[dict[str, type["Outcome"]]] = {}

    def __init_subclass__(cls) -> None:
        if "code" in cls.__dict__:
            Outcome._by_code[cls.code] = cls

    def to_facts(self) -> bytes:
        """The outcome's fields as JSON bytes, for the receipt."""
        return _adapter(type(self)).dump_json(self)

    @staticmethod
    def from_facts(code: str, facts: str | bytes) -> "Outcome":
        """The outcome a receipt stored. Raises KeyError for a code this version does not know."""
        outcome = _adapter(Outcome._by_code[code]).validate_json(facts)
        if not isinstance(outcome, Outcome):
            raise TypeError(code)
        return outcome


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(cls: type) -> TypeAdapter[Any]:
    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


class Result(Outcome):
    """An accepted command."""


class Refusal(Outcome):
    """A refused command; nothing moved."""

    stored: ClassVar[bool] = False


@dataclass(frozen=True)
class Decision:
    """What a command came to. `replayed`: the receipt of the same request answered, nothing new happened."""

    outcome: Outcome
    replayed: bool = False


@dataclass(frozen=True)
class Welcomed(Result):
    """The newcomer's gift was granted. `balance` is what can be spent now."""

    code = "welcomed"
    points: int
    balance: int


@dataclass(frozen=True)
class CheckedIn(Result):
    """Signed in for `day`. `points` includes `bonus`; the next bonus is `next_bonus` points in `next_bonus_in` days."""

    code = "checked_in"
    day: date
    streak: int
    points: int
    bonus: int
    balance: int
    next_bonus: int | None = None
    next_bonus_in: int | None = None


@dataclass(frozen=True)
class DrawnPrize:
    """One spin: its place in the round (`nonce`), the slot the wheel stops at, the prize, a voucher where it is one."""

    round_id: int
    nonce: int
    prize: str
    name: str
    kind: str
    level: str
    slot: int
    points: int
    voucher: str | None = None

    @property
    def id(self) -> str:
        """The draw's id within its member."""
        return f"{self.round_id}-{self.nonce}"


@dataclass(frozen=True)
class Drawn(Result):
    """A wheel was spun by the table of `rule_version`. `cost_points` is what all spins of the command cost together."""

    code = "drawn"
    wheel: str
    draws: tuple[DrawnPrize, ...]
    cost_points: int
    balance: int
    rule_version: int = 0  # not known of draws stored before it was kept


@dataclass(frozen=True)
class Redeemed(Result):
    """A reward was exchanged. `expires_on` is the first day the voucher is void."""

    code = "redeemed"
    receipt_no: int
    line: int
    reward: str
    name: str
    quantity: int
    points: int
    voucher: str
    state: str
    expires_on: date
    balance: int


@dataclass(frozen=True)
class Cancelled(Result):
    """A redemption was given back. `lapsed` of its `points` had lapsed meanwhile and are gone."""

    code = "cancelled"
    receipt_no: int
    line: int
    name: str
    points: int
    lapsed: int
    balance: int


@dataclass(frozen=True)
class Booked(Result):
    """What had opened or lapsed was booked."""

    code = "booked"
    opened: int
    lapsed: int
    balance: int


@dataclass(frozen=True)
class ReferralBound(Result):
    """The inviter is remembered."""

    code = "referral_bound"
    inviter_id: int


@dataclass(frozen=True)
class ReferralQualified(Result):
    """The friend qualified. `points` is the friend's own gift, `inviter_points` what the inviter is owed (0 when switched off)."""

    code = "referral_qualified"
    inviter_id: int
    points: int
    inviter_points: int
    balance: int


@dataclass(frozen=True)
class ReferralRewarded(Result):
    """The inviter was paid: `points` includes the `bonus` of a ladder step reached with the `qualified`-th friend."""

    code = "referral_rewarded"
    friend_id: int
    qualified: int
    points: int
    bonus: int
    balance: int


@dataclass(frozen=True)
class ExpiryWarned(Result):
    """Notices were written for points about to lapse: (range key, points, expires_on) each."""

    code = "expiry_warned"
    warnings: tuple[tuple[str, int, date], ...]


@dataclass(frozen=True)
class WokenUp(Result):
    """A wake-up notice was written."""

    code = "woken_up"
    silent_since: date
    balance: int


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
