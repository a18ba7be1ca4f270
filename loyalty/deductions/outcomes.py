"""The outcomes of paying with points."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import number, yuan

_CLOSED = {
    "captured": "这笔积分抵扣已经确认过了。",
    "cancelled": "这笔积分抵扣已经取消，积分已退回。",
    "lapsed": "这笔积分抵扣已经超时，积分已退回。",
}


@dataclass(frozen=True)
class PointsHeld(Result):
    """`points` are set aside for the order until `deadline`; they pay `deduct_fen` of it. `hold` is the hold's number."""

    code = "points_held"
    hold: int
    order: str
    store: str
    points: int
    deduct_fen: int
    deadline: datetime
    balance: int


@dataclass(frozen=True)
class HoldCaptured(Result):
    """`captured` points of the hold paid `deduct_fen`; `released` went back, of which `lapsed` had expired meanwhile."""

    code = "hold_captured"
    hold: int
    order: str
    store: str
    captured: int
    deduct_fen: int
    released: int
    lapsed: int
    balance: int


@dataclass(frozen=True)
class HoldReleased(Result):
    """All `points` of the hold went back, of which `lapsed` had expired meanwhile; `why` is `cancelled` or `lapsed`."""

    code = "hold_released"
    hold: int
    order: str
    store: str
    points: int
    why: str
    lapsed: int
    balance: int


@dataclass(frozen=True)
class DeductionsOff(Refusal):
    """The programme's points pay for no orders."""

    code = "deductions_off"
    title = "没有积分抵现"
    category = "not_found"

    sentence = "现在不能用积分抵现金。"


@dataclass(frozen=True)
class OrderTooSmall(Refusal):
    """The order's amount is below the smallest one that takes points."""

    code = "order_too_small"
    title = "订单金额不够"
    public_fields = ("smallest_fen",)
    smallest_fen: int

    @property
    def sentence(self) -> str:
        """The smallest amount."""
        return f"订单满 {yuan(self.smallest_fen)} 元才能用积分抵现。"


@dataclass(frozen=True)
class TooManyPoints(Refusal):
    """The order takes fewer points: at most `most_points`, which pay `deduct_fen`."""

    code = "too_many_points"
    title = "超过这单能用的积分"
    public_fields = ("most_points", "deduct_fen")
    most_points: int
    deduct_fen: int

    @property
    def sentence(self) -> str:
        """The most that the order takes."""
        return f"这单最多用 {number(self.most_points)} 积分，抵 {yuan(self.deduct_fen)} 元。"


@dataclass(frozen=True)
class TooFewPoints(Refusal):
    """So few points pay less than a fen."""

    code = "too_few_points"
    title = "积分太少"
    public_fields = ("least_points",)
    least_points: int

    @property
    def sentence(self) -> str:
        """The fewest points that pay something."""
        return f"至少要用 {number(self.least_points)} 积分，才够抵 0.01 元。"


@dataclass(frozen=True)
class OrderHasHold(Refusal):
    """Points were set aside for this order before, by the hold `hold`, which is `state`; it may be another member's."""

    code = "order_has_hold"
    title = "这单已经用过积分抵现"
    public_fields = ("state",)
    hold: int
    state: str

    sentence = "这个订单已经扣过一次积分，一个订单只能扣一次。"


@dataclass(frozen=True)
class UnknownHold(Refusal):
    """The member has no such hold."""

    code = "unknown_hold"
    title = "没有这笔积分抵扣"
    category = "not_found"
    hold: int

    sentence = "没有这笔积分抵扣，请核对编号。"


@dataclass(frozen=True)
class HoldClosed(Refusal):
    """The hold was captured, cancelled, or has lapsed, at `closed_at`."""

    code = "hold_closed"
    title = "这笔积分抵扣已经结束"
    public_fields = ("state", "captured", "closed_at")
    state: str
    captured: int
    closed_at: datetime

    @property
    def sentence(self) -> str:
        """How it ended."""
        return _CLOSED[self.state]


@dataclass(frozen=True)
class HoldTimedOut(Refusal):
    """The deadline has come. The points go back to the member; the order must be paid in money."""

    code = "hold_timed_out"
    title = "积分抵扣已超时"
    public_fields = ("deadline",)
    deadline: datetime

    sentence = "超过了确认的时间，积分会退回给会员，这单请收现金。"


@dataclass(frozen=True)
class CaptureTooLarge(Refusal):
    """More points than the hold has."""

    code = "capture_too_large"
    title = "超过扣住的积分"
    public_fields = ("held",)
    held: int

    @property
    def sentence(self) -> str:
        """How many points are held."""
        return f"这笔抵扣只扣住了 {number(self.held)} 积分。"
