"""What an accepted command came to, with its facts."""

from dataclasses import dataclass
from datetime import date

from loyalty.ids import draw_id
from loyalty.outcomes import Result


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
        return draw_id(self.round_id, self.nonce)


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
