"""Rewards in Chinese: their entries and their rule."""

from collections.abc import Iterator, Mapping
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Detail, Sentence, day_text, last_day_text, number
from loyalty.rewards.rule import Reward
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.limits import required_text, tier_names


def _times(detail: Detail, key: str) -> str:
    return f" ×{detail[key]}" if detail[key] > 1 else ""


SENTENCES: Final[Mapping[str, Sentence]] = {
    "redeem": Sentence(
        lambda facts: f"兑换{facts['name']}{_times(facts, 'quantity')}",
        lambda facts: f"兑换{facts['name']} ×{facts['quantity']}。",
    ),
    "cancel": Sentence(
        lambda facts: f"取消兑换{facts['name']}",
        lambda facts: f"取消兑换{facts['name']}，积分已退回，有效期不变。",
    ),
}


def rule_texts(rewards: Mapping[str, Reward], ladder: Ladder) -> Iterator[RuleText]:
    """The rewards that points can be exchanged for."""
    yield RuleText("rewards", "积分兑换", tuple(_sentences(rewards, ladder)))


def _sentences(rewards: Mapping[str, Reward], ladder: Ladder) -> Iterator[str]:
    for reward in rewards.values():
        stock = "" if reward.stock is None else f"，共 {number(reward.stock)} 份"
        price = number(reward.price_points)
        if (old := reward.old_points) is not None:
            yield (
                f"「{reward.name}」过渡期：{day_text(old.earned_before)}以前得到的积分，"
                f"到 {last_day_text(old.until)}为止仍按 {number(old.price_points)} 积分兑换。"
            )
        limited = f"{required_text(tier_names(ladder, reward.tiers))}，" if reward.tiers else ""
        valid = f"{reward.valid_days} 天内有效，兑换后{cancel_text(reward.cancel_hours)}"
        yield f"「{reward.name}」：{limited}{price} 积分{stock}，{valid}。"
    if rewards:
        yield "有效期从兑换当天算起，23 点以后兑换的从第二天算起。"
        yield "没有用过、没有过期的券才能取消；取消后积分退回，有效期不变。"


def cancel_text(hours: int) -> str:
    """`24 小时内可以取消`, in days where they are whole and several, or that the reward cannot be cancelled."""
    if not hours:
        return "不能取消"
    span = f"{hours // 24} 天" if hours % 24 == 0 and hours > 24 else f"{hours} 小时"
    return f" {span}内可以取消"
