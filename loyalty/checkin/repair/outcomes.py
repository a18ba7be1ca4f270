"""The outcomes of mending a day and of being given cards."""

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
    """Cards were given; the member now holds `cards` of them."""

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
    """The day is already signed in or mended, is today or later, is too long ago, or is before the member's first sign-in."""

    code = "not_repairable"
    title = "这一天不能补签"
    public_fields = ("day",)
    day: date

    @property
    def sentence(self) -> str:
        """Names the day, and the days that can be mended."""
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
        """The number of repairs per month."""
        return f"每月最多补签 {number(self.limit)} 次，本月的已经用完了。"


@dataclass(frozen=True)
class NoRepairCard(Refusal):
    """The member holds no card, and cards are not for sale."""

    code = "no_repair_card"
    title = "没有补签卡"

    sentence = "你还没有补签卡。"
