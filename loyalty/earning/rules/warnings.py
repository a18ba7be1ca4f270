"""Warnings of earning rules that are valid and read or pay otherwise than their author may think."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from loyalty.earning.rules.conditions import AttributeTest, Condition
from loyalty.earning.rules.rule import AttributeType, EarningRule
from loyalty.ledger.words import number, yuan

LEAST_FEN: Final = 10
"""A point for less money than this is more likely an amount in yuan."""
_CHINESE: Final = re.compile("[\u3400-\u9fff]")


def warnings(rules: Any) -> Iterator[str]:
    """A Chinese sentence per warning, each once; `rules` is the whole rule set."""
    for rule in rules.earning:
        yield from _much(rule)
    yield from dict.fromkeys(_unnamed(rules))


def _much(rule: EarningRule) -> Iterator[str]:
    """An award that pays a point for less than LEAST_FEN."""
    award = rule.award
    if award is not None and award.per_fen is not None and award.per_fen < LEAST_FEN:
        each = 100 * award.points // award.per_fen
        yield (
            f"规则「{rule.name}」（{rule.id}）写的是 per_fen: {award.per_fen}，消费 1 元得 {number(each)} 积分。"
            f"per_fen 的单位是分：{yuan(award.per_fen * 100)} 元要写成 per_fen: {award.per_fen * 100}。"
        )


def _unnamed(rules: Any) -> Iterator[str]:
    for section, what in (("tiers", "等级"), ("stores", "门店"), ("events", "事件")):
        for one in getattr(rules, section):
            if one.name == one.id:
                yield f"{what} {one.id} 的名称就是编号，会员会读到它。请把 name 写成中文。"
    events = {event.id: event.attributes for event in rules.events}
    for rule in rules.earning:
        attributes = events.get(rule.on, {})
        for limit in rule.limit:
            yield from _attribute(rule, limit.of, attributes) if limit.of else ()
        for condition in rule.when:
            yield from _condition(rule, condition, attributes, rules.names)


def _condition(
    rule: EarningRule, condition: Condition, attributes: Mapping[str, AttributeType], names: Any
) -> Iterator[str]:
    for ids, section, what in (
        (condition.channel, "channels", "渠道"),
        (condition.segment, "segments", "人群"),
        (condition.community, "communities", "社群"),
    ):
        for one in _foreign(ids or ()):
            if one not in getattr(names, section):
                yield f"{what} {one} 没有中文名，会员会读到「{one}」。请写上：names: {{{section}: {{{one}: 中文名}}}}。"
    for name, test in (condition.attribute or {}).items():
        yield from _attribute(rule, name, attributes)
        yield from _values(rule, name, test, attributes)


def _attribute(rule: EarningRule, name: str, attributes: Mapping[str, AttributeType]) -> Iterator[str]:
    if name in attributes and attributes[name].name is None:
        yield (
            f"事件 {rule.on} 的属性 {name} 没有中文名，会员会读到「{name}」。"
            f"请写成 {name}: {{type: {attributes[name].type}, name: 中文名}}。"
        )


def _values(
    rule: EarningRule, name: str, test: AttributeTest, attributes: Mapping[str, AttributeType]
) -> Iterator[str]:
    """Texts that an attribute is compared with."""
    wanted = test.one_of or (test.equals,)
    known = attributes[name].values if name in attributes else {}
    for one in _foreign(value for value in wanted if isinstance(value, str)):
        if one not in known:
            yield (
                f"事件 {rule.on} 的属性 {name} 的值 {one} 没有中文名，会员会读到「{one}」。"
                f"请在这个属性里写上 values: {{{one}: 中文名}}。"
            )


def _foreign(ids: Iterable[str]) -> Iterator[str]:
    """The ids without a Chinese character."""
    return (one for one in ids if not _CHINESE.search(one))
