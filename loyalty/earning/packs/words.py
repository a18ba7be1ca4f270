"""Packs in Chinese: their entries and their rules."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from loyalty.earning.packs.rule import Pack
from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Sentence, number

SENTENCES: Final[Mapping[str, Sentence]] = {
    "pack": Sentence(lambda facts: f"领取{facts['name']}", lambda facts: f"用积分领取「{facts['name']}」。")
}


def pack_sentence(pack: Pack, rules: Any) -> str:
    """What a pack does, who may take it, and what it costs: `消费加速包：领取后 7 天内，消费得 2 倍积分，最多多得 500 积分…`."""
    event = next((one.name for one in rules.events if one.id == pack.on), pack.on)
    tiers = [one.name for one in rules.tiers if one.id in (pack.tier or ())]
    whom = f"限{'、'.join(tiers)}，" if pack.tier is not None else ""
    price = f"每个 {number(pack.price_points)} 积分" if pack.price_points else "免费"
    return (
        f"{pack.name}：{whom}领取后 {pack.days} 天内（当天算第 1 天），{event}得 {pack.multiply} 倍积分，"
        f"最多多得 {number(pack.points)} 积分，用完为止；{price}，每人每年最多 {number(pack.per_year)} 个。"
    )


def rule_texts(rules: Any) -> Iterator[RuleText]:
    """The packs that can be taken."""
    yield RuleText("packs", "加速包", tuple(pack_sentence(pack, rules) for pack in rules.packs))
