"""The outcomes of a draw."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.ids import draw_id


@dataclass(frozen=True)
class DrawnPrize:
    """One spin: its number in the round (`nonce`), the slot at which the wheel stops, the prize, and its voucher if it has one.

    `odds_ppm` are the odds that this prize had at this spin, with those of the prizes that it stood in for; 0 in older receipts.
    """

    round_id: int
    nonce: int
    prize: str
    name: str
    kind: str
    level: str
    slot: int
    points: int
    voucher: str | None = None
    odds_ppm: int = 0

    @property
    def id(self) -> str:
        """The draw's id within its member."""
        return draw_id(self.round_id, self.nonce)


@dataclass(frozen=True)
class Drawn(Result):
    """A wheel was spun by the table of odds of `rule_version`. `cost_points` is the price of all spins of the command together.

    `gone` are the prizes that were out after the last spin. `tickets` of the member's free draws were used up.
    """

    code = "drawn"
    moves_points = False  # a free draw that wins nothing leaves no entry
    wheel: str
    draws: tuple[DrawnPrize, ...]
    cost_points: int
    balance: int
    rule_version: int = 0  # 0 in receipts that were stored before this field existed
    gone: tuple[str, ...] = ()
    tickets: int = 0


@dataclass(frozen=True)
class DrawLimitReached(Refusal):
    """The command asks for more draws than the member has left today on this wheel."""

    code = "draw_limit_reached"
    title = "今天的抽奖次数不够了"
    public_fields = ("limit", "left")
    stored = True
    limit: int
    left: int

    @property
    def sentence(self) -> str:
        """The limit per day, and how many draws are left."""
        return f"今天只能再抽 {self.left} 次，每天最多 {self.limit} 次。"


@dataclass(frozen=True)
class OddsChanged(Refusal):
    """The wheel in force is not the one that the member was shown: its odds, prizes or prices are others."""

    code = "odds_changed"
    title = "抽奖规则变了"
    public_fields = ("odds_version",)
    stored = True  # a repeat of the request must not be taken for the member's consent to the new odds
    wheel: str
    odds_version: str

    sentence = "抽奖的奖品、概率或价格刚刚变了，积分没有变化，请看过新的再抽。"


@dataclass(frozen=True)
class UnknownWheel(Refusal):
    """No such wheel in the live rules."""

    code = "unknown_wheel"
    title = "没有这个抽奖"
    category = "not_found"
    wheel: str

    sentence = "这个抽奖不存在，或者已经下线。"
