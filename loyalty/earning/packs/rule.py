"""The rule of an acceleration pack."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from loyalty.earning.rules.rule import EarningRule, EventType
from loyalty.earning.rules.values import Factor, Sparse, Times
from loyalty.ledger.ids import Id
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, LOWER_IS_BETTER, NEUTRAL, UNKNOWN, Better
from loyalty.programme.declaring.faults import Fault, items, what_there_is
from loyalty.programme.declaring.sections import Points, Title


class Pack(Sparse):
    """For `days` days, the day of taking it included, awards for the event are multiplied until that brought `points` more."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的名称，如 消费加速包。")
    on: Annotated[Id, UNKNOWN] = Field(
        title="事件", description="哪种事件的积分翻倍，写 events 里的编号，如 purchase。"
    )
    multiply: Annotated[Factor, UNKNOWN] = Field(
        title="倍数",
        description='积分乘以几：2 到 10 的整数，或加引号的小数，如 "1.5"；和别的倍数一起时按 stacking 算。',
    )
    days: Annotated[int, Field(ge=1, le=31), HIGHER_IS_BETTER] = Field(
        title="有效天数", description="从领取那天起几天有效，那天算第 1 天。"
    )
    points: Annotated[Points, Field(ge=1), HIGHER_IS_BETTER] = Field(
        title="最多多得", description="一个包最多多得多少积分，用完就失效。"
    )
    tier: Annotated[tuple[Id, ...] | None, Field(min_length=1), items(50), Better("higher", null="best")] = (
        Field(default=None, title="等级", description="哪些等级可以领，如只给普通会员；不写就都可以。")
    )
    price_points: Annotated[Points, LOWER_IS_BETTER] = Field(
        default=0, title="价格", description="领一个要多少积分；0 表示免费。"
    )
    per_year: Annotated[Times, HIGHER_IS_BETTER] = Field(
        default=1, title="每年个数", description="每位会员每个自然年最多领几个。"
    )


def pack_faults(
    packs: Sequence[Pack],
    rules: Sequence[EarningRule],
    events: Mapping[str, EventType],
    tiers: Collection[str],
) -> Iterator[Fault]:
    """Faults of packs: what they name, and what there is to multiply."""
    paid = {rule.on for rule in rules if rule.award is not None}
    for place, pack in enumerate(packs):
        for tier in pack.tier or ():
            if tier not in tiers:
                yield Fault((place, "tier"), f"没有编号为 {tier} 的等级{what_there_is(tier, tiers)}")
        if pack.on not in events:
            yield Fault((place, "on"), f"没有编号为 {pack.on} 的事件{what_there_is(pack.on, events)}")
        elif pack.on not in paid:
            yield Fault((place, "on"), f"没有规则给 {pack.on} 积分，没有什么可以翻倍")
