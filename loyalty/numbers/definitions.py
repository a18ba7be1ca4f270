"""What each number means, in the words that operators read behind it: title, definition, formula, unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["分", "笔", "份", "人", "元", "%", "倍", "天"]


@dataclass(frozen=True)
class Definition:
    """A number's title, what it counts, the formula in words, and its unit."""

    title: str
    meaning: str
    formula: str
    unit: Unit


DEFINITIONS: Final[Mapping[str, Definition]] = {
    "issued": Definition("发放", "会员得到的积分，待到账的也算；人工调整和会员合并转移的不算。", "发放类流水的积分之和", "分"),
    "used": Definition("使用", "会员用掉的积分：兑换、抽奖、补签等；退回的另列。", "使用类流水的积分之和", "分"),
    "captured": Definition("抵现", "付款时抵掉的积分。", "冻结后实际扣掉的积分之和", "分"),
    "returned": Definition("退回", "取消兑换等退回给会员的积分。", "退回类流水的积分之和", "分"),
    "net_used": Definition("净使用", "最后真正用掉的积分。", "使用 + 抵现 − 退回", "分"),
    "expired": Definition("过期", "到期清零的积分，算在到期的那一天。", "到期类流水的积分之和", "分"),
    "revived": Definition("补办延期", "已经过期、又补办延期找回的积分。", "补办延期流水的积分之和", "分"),
    "reversed": Definition("退款收回", "退款时收回的积分。", "收回类流水的积分之和", "分"),
    "forfeited": Definition("久未来访清零", "会员太久没来而清零的积分。", "清零类流水的积分之和", "分"),
    "given_by_hand": Definition("人工加", "运营人员手工加的积分。", "人工加分流水之和", "分"),
    "taken_by_hand": Definition("人工扣", "运营人员手工扣的积分。", "人工扣分流水之和", "分"),
    "held": Definition("冻结", "付款前为抵现冻结的积分。", "冻结流水之和", "分"),
    "released": Definition("解冻", "没有用上、退回会员的冻结积分。", "解冻流水之和", "分"),
    "written_off": Definition("核销积分", "已核销的券当初花掉的积分，算在核销的那一天；抽奖得的券是 0。", "核销券的积分之和", "分"),
    "verified": Definition("核销份数", "门店核销的礼品份数。", "核销券的份数之和", "份"),
    "redeemed": Definition("兑换份数", "会员兑换的礼品份数，后来取消的也算。", "兑换的份数之和", "份"),
    "cancelled": Definition("取消份数", "会员取消的礼品份数。", "取消的份数之和", "份"),
    "joined": Definition("新会员", "第一次有积分记录或第一次互动的会员。", "首笔记录落在这一天的会员数", "人"),
    "orders": Definition("订单数", "上报的消费订单，按消费的那一天算。", "订单的笔数", "笔"),
    "sold": Definition("消费额", "会员订单的实付金额，不减退款。", "订单实付金额之和", "元"),
    "refunded": Definition("退款额", "上报的退款金额。", "退款金额之和", "元"),
    "ratio": Definition(
        "发放与使用之比", "每用掉 1 分，发放了多少分；一直偏高说明积分发得多、用得少。", "发放 ÷ 净使用", "倍"
    ),
}  # fmt: skip
"""The definitions by the number's name."""
