"""Rewards in Chinese: their entries and their rule."""

from collections.abc import Iterator, Mapping
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Detail, Sentence, number
from loyalty.rewards.rule import Reward


def _times(detail: Detail, key: str) -> str:
    return f" ×{detail[key]}" if detail[key] > 1 else ""


SENTENCES: Final[Mapping[str, Sentence]] = {
    "redeem": Sentence(
        lambda facts: f"兑换{facts['name']}{_times(facts, 'quantity')}",
        lambda facts: f"兑换“{facts['name']}”{facts['quantity']} 份所用的积分。",
    ),
    "cancel": Sentence(
        lambda facts: f"取消兑换{facts['name']}",
        lambda facts: f"取消兑换“{facts['name']}”，积分退回原来的批次，有效期不变。",
    ),
}


def rule_texts(rewards: Mapping[str, Reward]) -> Iterator[RuleText]:
    """The rewards that points can be exchanged for."""
    yield RuleText("rewards", "积分兑换", tuple(_sentences(rewards)))


def _sentences(rewards: Mapping[str, Reward]) -> Iterator[str]:
    for reward in rewards.values():
        stock = "" if reward.stock is None else f"，共 {number(reward.stock)} 份"
        price = number(reward.price_points)
        yield f"“{reward.name}”：{price} 积分{stock}，兑换后 {reward.valid_days} 天内有效。"
    if rewards:
        yield "没有使用、没有过期的兑换可以取消，积分退回原来的批次，有效期不变。"
