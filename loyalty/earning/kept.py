"""The facts of a member that earning keeps, as the member's copy of personal data tells them."""

from typing import Final

from loyalty.engine.kept import Kept, named

EVENT: Final = Kept(
    table="event", title="消费和其他得积分的事", why="按规则算积分，一件事只算一次", key=("source", "event"),
    columns={
        "occurred_at": "时间", "kind": "哪种事", "store": "门店", "channel": "渠道", "order_no": "订单号",
        "amount_fen": "金额（分）", "points": "积分", "source": "谁报来的", "event": "对方的编号",
    },
)  # fmt: skip
PURCHASE: Final = Kept(
    table="purchase", title="订单", why="退款时按比例扣回积分", key=("store", "order_no", "receipt_no"),
    columns={
        "day": "日期", "store": "门店", "order_no": "订单号", "amount_fen": "实付金额（分）", "granted": "得到积分",
        "refunded_fen": "已退金额（分）", "reversed": "扣回积分",
    },
)  # fmt: skip
REFUND: Final = Kept(
    table="order_refund", title="退款", why="退款时按比例扣回积分", key=("receipt_no", "source", "event"),
    columns={
        "refund_of": "退哪个订单", "store": "门店", "amount_fen": "金额（分）", "state": "状态", "settled_at": "处理时间",
        "source": "谁报来的",
    },
    shown={"state": named({"waiting": "等订单", "applied": "处理了", "refused": "没有处理", "moved": "转给了合并后的会员"})},
)  # fmt: skip
GROWTH: Final = Kept(
    table="growth_entry", title="不随积分变动的成长值", why="评定会员等级", key=("receipt_no", "line"),
    columns={"amount": "成长值", "reason": "名目"},
)  # fmt: skip
SEGMENT: Final = Kept(
    table="segment", title="标签", why="有些活动只给有标签的会员，例如员工和校友", key=("name", "since"),
    columns={"name": "标签", "since": "从", "until": "到（不含当天）"},
)  # fmt: skip
KEPT: Final = (EVENT, PURCHASE, REFUND, GROWTH, SEGMENT)
