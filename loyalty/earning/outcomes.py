"""The outcomes of reporting an event or a refund."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import yuan


@dataclass(frozen=True)
class EventRecorded(Result):
    """The event is recorded. It awarded `points`, of which `pending` open later, and `growth`.

    `withheld` has the rules that paid less than they would have, each with why: `limit` or `budget`. `reversed` are points that
    refunds took back at once, because they had arrived before the order.
    """

    code = "event_recorded"
    moves_points = False  # no rule may pay for it
    kind: str
    event: str
    order: str | None
    store: str | None
    points: int
    pending: int
    growth: int
    reversed: int
    withheld: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    balance: int


@dataclass(frozen=True)
class OrderRefunded(Result):
    """The refund is booked: `points` of the order were taken back, `debt` of them as points that the member now owes.

    `waiting`: the order has not been reported yet, and the refund will be booked with it; `order` is then None. `full`: nothing of
    the order is left paid. `unrecovered` points were not taken back, because the debt would have passed its limit.
    """

    code = "order_refunded"
    moves_points = False  # a few fen may be worth no point
    refund_of: str
    waiting: bool
    order: str | None
    store: str | None
    kind: str | None
    points: int
    growth: int
    debt: int
    unrecovered: int
    full: bool
    balance: int


@dataclass(frozen=True)
class UnknownEvent(Refusal):
    """The rules know no event of this kind."""

    code = "unknown_event"
    title = "没有这种事件"
    category = "unprocessable"
    public_fields = ("kind",)
    kind: str

    @property
    def sentence(self) -> str:
        """Names the kind."""
        return f"规则里没有「{self.kind}」这种事件，请核对上报的种类。"


@dataclass(frozen=True)
class UnknownStore(Refusal):
    """The rules know no store of this id."""

    code = "unknown_store"
    title = "没有这家门店"
    category = "unprocessable"
    public_fields = ("store",)
    store: str

    @property
    def sentence(self) -> str:
        """Names the store."""
        return f"规则里没有编号为「{self.store}」的门店。"


@dataclass(frozen=True)
class EventMalformed(Refusal):
    """The event lacks a field that its kind needs, or has one that its kind does not take; `item` is the field."""

    code = "event_malformed"
    title = "事件的内容不对"
    category = "unprocessable"
    public_fields = ("item", "why")
    item: str
    why: str

    @property
    def sentence(self) -> str:
        """Names the field and what is wrong with it."""
        names = {"amount_fen": "金额 amount_fen", "order": "订单号 order_id"}
        return f"{names.get(self.item, self.item)}{REASONS[self.why]}。"


REASONS = {
    "missing": "没有填，这种事件必须带",
    "unwanted": "不能填，这种事件不带",
    "type": "的类型和规则里写的不一样",
    "empty": "不能是空的",
}


@dataclass(frozen=True)
class EventTooOld(Refusal):
    """The event lies further back than corrections reach."""

    code = "event_too_old"
    title = "事件太久以前了"
    category = "unprocessable"
    public_fields = ("days",)
    days: int

    @property
    def sentence(self) -> str:
        """Names the limit."""
        return f"只能上报最近 {self.days} 天内的事件。"


@dataclass(frozen=True)
class EventIdReused(Refusal):
    """The source has given this id to an event of another member."""

    code = "event_id_reused"
    title = "事件编号用过了"
    sentence = "这个事件编号已经用于另一位会员的事件。"


@dataclass(frozen=True)
class OrderOfAnother(Refusal):
    """The order belongs to another member."""

    code = "order_of_another"
    title = "订单属于别的会员"
    category = "forbidden"
    public_fields = ("order",)
    order: str

    @property
    def sentence(self) -> str:
        """Names the order."""
        return f"订单 {self.order} 已经记在另一位会员名下。"


@dataclass(frozen=True)
class OrderNotPaid(Refusal):
    """The event is about an order that the member has not paid for."""

    code = "order_not_paid"
    title = "不是这位会员的订单"
    category = "unprocessable"
    public_fields = ("order",)
    order: str

    @property
    def sentence(self) -> str:
        """Names the order."""
        return f"这位会员没有付过款的订单 {self.order}。"


@dataclass(frozen=True)
class OrderRecorded(Refusal):
    """The order was recorded before, by another event."""

    code = "order_recorded"
    title = "订单已经记过了"
    as_follow_up = "done"
    public_fields = ("order",)
    order: str

    @property
    def sentence(self) -> str:
        """Names the order."""
        return f"订单 {self.order} 已经记过积分，不会重复记。"


@dataclass(frozen=True)
class RefundTooLarge(Refusal):
    """More would be paid back than is left of what was paid."""

    code = "refund_too_large"
    title = "退款超过了实付"
    category = "unprocessable"
    public_fields = ("left_fen",)
    left_fen: int

    @property
    def sentence(self) -> str:
        """Names what is left."""
        if not self.left_fen:
            return "这笔订单已经全额退款，不能再退。"
        return f"这笔订单最多还能退 {yuan(self.left_fen)} 元。"
