"""The commands of exchanging points for rewards."""

from dataclasses import dataclass, field
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command, check_at_least_one, fresh_entropy
from loyalty.ledger.ids import redemption_id
from loyalty.rewards.rule import shown_subject
from loyalty.shown.commands import ShownCommand


@dataclass(frozen=True, kw_only=True)
class Redeem(ShownCommand):
    """Exchange points for `quantity` pieces of a reward.

    `price_points` and `price_fen` are the price of one piece that a client sent as shown; None: whichever is in force.
    """

    name = "redeem"
    optional = ("price_points", "price_fen")

    reward: str
    quantity: int = 1
    price_points: int | None = None
    price_fen: int | None = None
    entropy: bytes = field(default_factory=fresh_entropy, repr=False)

    def __post_init__(self) -> None:
        check_at_least_one(self.quantity)

    @property
    @override
    def subject(self) -> str:
        return shown_subject(self.reward)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "redeem", self.request_key


@dataclass(frozen=True, kw_only=True)
class UnlockReward(Command):
    """Give a voucher of the reward that a row of sign-ins has unlocked, which began on the day `began`; runs as a follow-up.

    A row is told by its reward and its first day, so that it unlocks once, whether its last day was signed in or mended.
    `entropy` is no part of what is owed: whoever runs the follow-up brings it.
    """

    name = "unlock_reward"

    reward: str
    began: str
    days: int
    entropy: bytes = field(default=b"", repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.entropy:
            object.__setattr__(self, "entropy", fresh_entropy())

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "unlock", f"{self.reward}:{self.began}"


@dataclass(frozen=True, kw_only=True)
class Cancel(Command):
    """Cancel an unused redemption: its points return to the lots they came from."""

    name = "cancel"
    travels = False

    receipt_no: int
    line: int

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "cancel", redemption_id(self.receipt_no, self.line)
