"""What a command came to: a result with its facts, or a named refusal with its facts.

    Outcome
    ├── Result (`results`): Welcomed · CheckedIn · Drawn · Redeemed · Cancelled · Booked
    │           ReferralBound · ReferralQualified · ReferralRewarded · ExpiryWarned · WokenUp
    └── Refusal (`refusals`)
        ├── stored (they depended on the state; a late duplicate must hear the same)
        │     NotEnoughPoints · OutOfStock · DrawLimitReached
        └── not stored, unless the command keeps every refusal
              AlreadyCheckedIn · AlreadyDone · AlreadyBound · SelfReferral · ReferralTooLate
              InviterTooNew · NotReferred · UnknownWheel · UnknownReward · UnknownRedemption · NotCancellable
              AccountClosed · UnknownMember · UnknownReferralCode · RequestKeyReused · NothingDue · DayPassed

Facts are what a door needs to render the answer; they are stored in the receipt, the text never is.
"""

from dataclasses import dataclass
from typing import ClassVar


class Outcome:
    """Root of everything `decide` may answer."""

    code: ClassVar[str]


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
