"""会员等级: levels reached by growth value."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Annotated, Final

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from loyalty.engine.feature import Feature, RuleText
from loyalty.ledger.ids import Id
from loyalty.ledger.words import number
from loyalty.programme.better import HIGHER_IS_BETTER, LOWER_IS_BETTER, NEUTRAL
from loyalty.programme.faults import at_most, items
from loyalty.programme.sections import Title


@dataclass(
    frozen=True, config=ConfigDict(extra="forbid", strict=True)
)  # no model, because the API's answers contain it
class Tier:
    """A level that is reached with a growth value of `growth`."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的名称。")
    growth: Annotated[int, Field(ge=0), at_most(1_000_000_000), LOWER_IS_BETTER] = Field(
        title="成长值", description="成长值满多少到这一级；第一级写 0，往后一级比一级高。"
    )
    benefits: Annotated[tuple[Title, ...], items(20), HIGHER_IS_BETTER] = Field(
        default=(), title="权益", description="这一级会员享有什么，一条一条写。"
    )


def tiers_at(tiers: Sequence[Tier], growth: int) -> tuple[Tier, Tier | None]:
    """The highest tier reached with this growth value, and the one above it, if any; `tiers` rise from 0."""
    above = bisect_right(tiers, growth, key=attrgetter("growth"))
    return tiers[above - 1], tiers[above] if above < len(tiers) else None


def rule_texts(tiers: Sequence[Tier]) -> Iterator[RuleText]:
    """The tiers, and how growth value comes about."""
    yield RuleText("tiers", "会员等级", tuple(_sentences(tiers)))


def _sentences(tiers: Sequence[Tier]) -> Iterator[str]:
    for tier in tiers:
        benefits = f"，享{'、'.join(tier.benefits)}" if tier.benefits else ""
        reached = f"成长值满 {number(tier.growth)}" if tier.growth else "注册即享"
        yield f"{tier.name}：{reached}{benefits}。"
    yield "赚积分就涨成长值，花积分不会减。"


FEATURE: Final = Feature("tiers", texts=lambda rules, _: rule_texts(rules.tiers))
