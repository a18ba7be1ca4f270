"""Paying with points in Chinese: its entries, its rule, and the till's hint."""

from collections.abc import Iterator, Mapping
from typing import Final

from loyalty.deductions.rule import DeductionRule
from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Detail, Sentence, number, yuan

_RELEASED: Final = {
    "captured": "只用了一部分，余下的积分退回。",
    "cancelled": "收银台取消了抵扣，积分退回。",
    "lapsed": "超过了确认的时间，积分自动退回。",
}


def _order(facts: Detail) -> str:
    return f"订单 {facts['order']}"


SENTENCES: Final[Mapping[str, Sentence]] = {
    "deduction_held": Sentence(
        lambda _: "积分抵现（待确认）",
        lambda facts: f"{_order(facts)}用积分抵 {yuan(facts['fen'])} 元，等收银台确认收款。",
    ),
    "deduction_captured": Sentence(
        lambda _: "积分抵现", lambda facts: f"{_order(facts)}已付款，积分抵了 {yuan(facts['fen'])} 元。"
    ),
    "deduction_released": Sentence(
        lambda _: "积分抵现退回", lambda facts: f"{_order(facts)}：{_RELEASED[facts['why']]}"
    ),
}


def hint(deduct_fen: int) -> str:
    """What a till shows the member before they pay."""
    return f"本次可用积分抵{yuan(deduct_fen)}元"


def rule_texts(rule: DeductionRule | None) -> Iterator[RuleText]:
    """The rate and its limits; no sentences if points pay for no orders."""
    if rule is not None:
        yield RuleText("deductions", "积分抵现", tuple(_sentences(rule)))


def _sentences(rule: DeductionRule) -> Iterator[str]:
    from_amount = f"订单满 {yuan(rule.smallest_fen)} 元，" if rule.smallest_fen > 1 else ""
    most = f"、{number(rule.most_points)} 积分" if rule.most_points else ""
    yield f"{from_amount}付款时 {number(rule.points_per_yuan)} 积分抵 1 元，一单最多抵 {rule.most_percent}%{most}。"
    yield f"扣住积分 {rule.hold_minutes} 分钟内没有付款，自动退回。"
