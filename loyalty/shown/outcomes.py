"""The refusal of a price that the member has not seen."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal
from loyalty.ledger.words import number


@dataclass(frozen=True)
class PriceChanged(Refusal):
    """The price in force is not the one that the member was shown, or the member no longer holds the card that they were shown.

    It is stored, because a repeat of the same message does not agree to the new price. `name` and `price_fen` are absent from
    receipts that were written when repairs alone had this refusal.
    """

    code = "price_changed"
    title = "价格变了"
    public_fields = ("price_points", "price_fen")
    stored = True
    price_points: int
    name: str = "补签"
    price_fen: int = 0

    @property
    def sentence(self) -> str:
        """The price in force."""
        return f"{self.name}现在要 {number(self.price_points)} 积分，积分没有变化，请确认后再试。"
