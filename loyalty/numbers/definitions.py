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
    "issued": Definition(
        "发放", "会员得到的积分，待到账的也算；人工调整和会员合并转移的不算。", "发放类流水的积分之和", "分"
    ),
    "used": Definition(
        "使用", "会员用掉的积分：兑换、抽奖、补签等；退回的另列。", "使用类流水的积分之和", "分"
    ),
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
    "written_off": Definition(
        "核销积分", "已核销的券当初花掉的积分，算在核销的那一天；抽奖得的券是 0。", "核销券的积分之和", "分"
    ),
    "verified": Definition("核销份数", "门店核销的礼品份数。", "核销券的份数之和", "份"),
    "redeemed": Definition("兑换份数", "会员兑换的礼品份数，后来取消的也算。", "兑换的份数之和", "份"),
    "cancelled": Definition("取消份数", "会员取消的礼品份数。", "取消的份数之和", "份"),
    "joined": Definition(
        "新会员", "第一次有积分记录或第一次互动的会员。", "首笔记录落在这一天的会员数", "人"
    ),
    "orders": Definition("订单数", "上报的消费订单，按消费的那一天算。", "订单的笔数", "笔"),
    "sold": Definition("消费额", "会员订单的实付金额，不减退款。", "订单实付金额之和", "元"),
    "refunded": Definition("退款额", "上报的退款金额。", "退款金额之和", "元"),
    "acted": Definition(
        "互动次数", "会员自己做的每一件事：签到、兑换、抽奖、消费等。", "互动的次数之和", "笔"
    ),
    "active": Definition(
        "活跃会员",
        "最近若干天内自己做过事的会员，天数由规则的“活跃天数”决定；合并的会员算一位。",
        "有互动的会员数",
        "人",
    ),
    "came": Definition(
        "来过的会员", "这一天自己做过事的会员；合并的会员算一位。", "当天有互动的会员数", "人"
    ),
    "silent": Definition(
        "沉默会员",
        "到这一天为止已经是会员、最近若干天却没有来过，天数由规则的“活跃天数”决定。",
        "到这一天为止的会员 − 活跃会员",
        "人",
    ),
    "activity": Definition("活跃度", "全部会员里有多少是活跃的。", "活跃会员 ÷ 全部会员", "%"),
    "churn": Definition(
        "流失率",
        "上一段活跃天数里来过的会员，这一段没有再来的比例。",
        "上一段来过、这一段没来的会员 ÷ 上一段来过的会员",
        "%",
    ),
    "repurchase": Definition(
        "复购率", "买过的会员里，又在另一天再买过的比例。", "至少两天有订单的会员 ÷ 有订单的会员", "%"
    ),
    "roi": Definition(
        "投入产出比",
        "会员的净消费额是积分成本的几倍；只是相除，没有对照组。",
        "(消费额 − 退款额) ÷ (净使用 × 每分成本)",
        "倍",
    ),
    "segment": Definition(
        "活跃分层",
        "流失风险：超过流失天数没来；低活跃：超过活跃天数没来，或最近 90 天只来过一天；"
        "高价值：近来过、来得多、最近一年得到的积分多；其余是中活跃。",
        "先看多久没来，再看来得多不多，最后看积分多不多",
        "人",
    ),
    "funnel": Definition(
        "获取→兑换→复购",
        "某个月第一次得到积分的会员，有多少后来用过积分，又有多少用过之后再来买。",
        "得到积分 → 用过积分 → 用过以后的另一天有订单",
        "人",
    ),
    "stale": Definition(
        "滞销率",
        "发放满成熟天数的积分里，一直没有用掉的比例，过期的也算；每位会员先得的积分先用。",
        "没有用掉的积分 ÷ 发放的积分",
        "%",
    ),
    "outstanding": Definition(
        "未使用积分", "会员手里还能用的积分，待到账和冻结的也算。", "可用 + 待到账 + 冻结", "分"
    ),
    "age": Definition(
        "积分库龄",
        "会员手里的积分是多久以前发放的；先得的积分先用，所以手里的是最后发放的那些。",
        "按发放的月份，从最近的往前数，数满会员现在的积分",
        "分",
    ),
    "liability": Definition(
        "积分负债", "未使用的积分要是都用掉，大约要花多少钱。", "未使用积分 × 每分成本", "元"
    ),
    "cost": Definition(
        "礼品成本", "兑换或核销的礼品的成本，按购买时规则里写的单件成本算。", "份数 × 单件成本", "元"
    ),
    "turnover": Definition("积分流转", "一个活动带来和用掉的积分。", "发放 + 使用 + 抵现", "分"),
    "spike": Definition(
        "异常",
        "一天的数目远高于平时。平时是最近四周每天的中位数，或其中同一个星期几的中位数，取大的。",
        "今天到现在 ≥ 平时的 5 倍",
        "倍",
    ),
    "ratio": Definition(
        "发放与使用之比", "每用掉 1 分，发放了多少分；一直偏高说明积分发得多、用得少。", "发放 ÷ 净使用", "倍"
    ),
}
"""The definitions by the number's name."""
