"""The outcomes of a redemption and of its cancellation."""

from dataclasses import dataclass
from datetime import date, datetime

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import number

_NOT_CANCELLABLE = {
    "used": "这张券已经使用，不能取消。",
    "expired": "这张券已经过期，不能取消。",
    "cancelled": "这笔兑换已经取消过了。",
    "won": "抽奖或签到得到的券不能取消。",
    "never": "这件礼品兑换后不能取消。",
    "too_late": "可以取消的时间已经过了，不能再取消。",
}


@dataclass(frozen=True)
class Redeemed(Result):
    """A reward was redeemed. `expires_on` is the first day on which the voucher is void.

    The member may cancel until `cancellable_until`; None: never, or a receipt from before there was a limit.
    """

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
    cancellable_until: datetime | None = None


@dataclass(frozen=True)
class RewardUnlocked(Result):
    """So many `days` in a row of sign-ins brought a voucher of a reward; it is void from `expires_on` on."""

    code = "reward_unlocked"
    moves_points = False
    reward: str
    name: str
    days: int
    voucher: str
    expires_on: date


@dataclass(frozen=True)
class Cancelled(Result):
    """A redemption was cancelled. `lapsed` of its `points` came from lots that had expired, and are gone."""

    code = "cancelled"
    receipt_no: int
    line: int
    name: str
    points: int
    lapsed: int
    balance: int


@dataclass(frozen=True)
class OutOfStock(Refusal):
    """Fewer pieces are left than the command asks for."""

    code = "out_of_stock"
    title = "库存不足"
    public_fields = ("item", "name", "left")
    stored = True
    item: str
    name: str
    left: int

    @property
    def sentence(self) -> str:
        """How many pieces are left."""
        if not self.left:
            return f"「{self.name}」已经兑完了。"
        return f"「{self.name}」只剩 {number(self.left)} 份，不够这次兑换。"


@dataclass(frozen=True)
class UnknownReward(Refusal):
    """No such reward in the live rules."""

    code = "unknown_reward"
    title = "没有这个礼品"
    category = "not_found"
    reward: str

    sentence = "这个礼品不存在，或者已经下架。"


@dataclass(frozen=True)
class UnknownRedemption(Refusal):
    """The member has no such redemption."""

    code = "unknown_redemption"
    title = "没有这笔兑换"
    category = "not_found"
    redemption: str

    sentence = "在你的兑换里没有找到这一笔。"


@dataclass(frozen=True)
class NotCancellable(Refusal):
    """The redemption cannot be cancelled: its voucher is used, expired, cancelled or won, or its reward allows it no more."""

    code = "not_cancellable"
    title = "这笔兑换不能取消"
    public_fields = ("state",)
    state: str

    @property
    def sentence(self) -> str:
        """The reason, by the voucher's state."""
        return _NOT_CANCELLABLE.get(self.state, "这笔兑换现在不能取消。")
