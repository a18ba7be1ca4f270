"""What mending a day, and getting cards, comes to."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import day_text, number


@dataclass(frozen=True)
class CheckInRepaired(Result):
    """The missed `day` is mended and is the `streak`-th in a row; it paid `points` and cost `price_points` (0: a card)."""

    code = "check_in_repaired"
    moves_points = False  # with a card, a day that is worth nothing leaves no entry
    day: date
    streak: int
    points: int
    price_points: int
    cards_left: int
    balance: int


@dataclass(frozen=True)
class RepairCardsGiven(Result):
    """Cards were given; `cards` in all are held now."""

    code = "repair_cards_given"
    moves_points = False
    given: int
    cards: int


@dataclass(frozen=True)
class RepairsOff(Refusal):
    """The programme has no repair cards."""

    code = "repairs_off"
    title = "没有补签活动"
    category = "not_found"

    sentence = "现在没有补签活动。"


@dataclass(frozen=True)
class NotRepairable(Refusal):
    """The day is signed in already, today, too long ago, or before the first sign-in ever."""

    code = "not_repairable"
    title = "这一天不能补签"
    public_fields = ("day",)
    day: date

    @property
    def sentence(self) -> str:
        """Which day, and which days can be mended."""
        return f"{day_text(self.day)}不能补签：只能补最近漏签的日子，而且要在第一次签到之后。"


@dataclass(frozen=True)
class RepairLimitReached(Refusal):
    """The repairs of the month are used up."""

    code = "repair_limit_reached"
    title = "本月的补签次数用完了"
    public_fields = ("limit",)
    limit: int

    @property
    def sentence(self) -> str:
        """How many there are in a month."""
        return f"每月最多补签 {number(self.limit)} 次，本月的已经用完了。"


@dataclass(frozen=True)
class NoRepairCard(Refusal):
    """The member holds no card, and cards are not for sale."""

    code = "no_repair_card"
    title = "没有补签卡"

    sentence = "你还没有补签卡。"


@dataclass(frozen=True)
class RepairPriceChanged(Refusal):
    """Another price is in force than the one the member was shown, or the card that was shown is gone."""

    code = "price_changed"
    title = "价格变了"
    public_fields = ("price_points",)
    price_points: int

    @property
    def sentence(self) -> str:
        """The price in force."""
        return f"补签现在要 {number(self.price_points)} 积分，积分没有动，请确认后再试。"
