"""The rules of the tiers: how each is reached, what keeps it, what it gives, and when it is reviewed."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from loyalty.ledger.ids import Id
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, LOWER_IS_BETTER, NEUTRAL, UNKNOWN, Better
from loyalty.programme.declaring.faults import (
    Fault,
    OfDrafts,
    at_most,
    different,
    items,
    refuse,
    what_there_is,
)
from loyalty.programme.declaring.sections import Rule, Title
from loyalty.programme.declaring.texts import one_line

Metric = Literal["growth", "active_days", "spend_fen"]
Within = Literal["ever", "year", "days_365"]
Need = Literal["any", "all"]
MOST: Final = 1_000_000_000
AtLeast = Annotated[int, Field(ge=1), at_most(MOST), LOWER_IS_BETTER]


class Line(Rule):
    """A number that a metric must reach within a period."""

    metric: Annotated[Metric, UNKNOWN] = Field(
        title="指标", description="growth 成长值，active_days 签到的天数，spend_fen 消费金额（减去退款）。"
    )
    at_least: AtLeast = Field(
        title="至少", description="达到多少；成长值写点数，签到写天数，消费写分（1 元写 100）。"
    )
    within: Annotated[Within, UNKNOWN] = Field(
        default="ever",
        title="统计时间",
        description="ever 入会以来，year 当年 1 月 1 日起，days_365 最近 365 天（含当天）。",
    )


class KeepLine(Rule):
    """A number that a metric must reach within the time that a review looks back on."""

    metric: Annotated[Metric, UNKNOWN] = Field(
        title="指标", description="growth 成长值，active_days 签到的天数，spend_fen 消费金额（减去退款）。"
    )
    at_least: AtLeast = Field(
        title="至少", description="评定的那段时间里要达到多少；消费写分（1 元写 100）。"
    )


class Reach(Rule):
    """How a tier is reached: by any of the lines, or by all of them."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1), items(10), UNKNOWN] = Field(
        title="达标线", description="一条或几条达标线。"
    )
    need: Annotated[Need, UNKNOWN] = Field(
        default="any", title="几条算数", description="any 达到任意一条就升级，all 每一条都要达到。"
    )


class Keep(Rule):
    """What keeps a tier at its review: any of the lines, or all of them."""

    lines: Annotated[tuple[KeepLine, ...], Field(min_length=1), items(10), UNKNOWN] = Field(
        title="保级线", description="一条或几条保级线，统计评定的那段时间。"
    )
    need: Annotated[Need, UNKNOWN] = Field(
        default="any", title="几条算数", description="any 达到任意一条就保级，all 每一条都要达到。"
    )


class Tier(Rule):
    """A level. It is reached with a growth value of `growth` since joining, or as `reach` says; exactly one of the two is there."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的名称。")
    growth: Annotated[Annotated[int, Field(ge=0), at_most(MOST)] | None, LOWER_IS_BETTER] = Field(
        default=None,
        title="成长值",
        description="成长值满多少到这一级；第一级写 0，往后一级比一级高。写了 reach 就不写这一项。",
    )
    benefits: Annotated[tuple[Title, ...], items(20), HIGHER_IS_BETTER] = Field(
        default=(), title="权益", description="这一级会员享有什么，一条一条写。"
    )
    reach: Annotated[Reach | None, UNKNOWN] = Field(
        default=None,
        title="达标条件",
        description="不只看累计成长值时，怎样升到这一级；要同时写 tier_review。",
    )
    keep: Annotated[Keep | None, Better("unknown", null="best")] = Field(
        default=None,
        title="保级条件",
        description="评定时达到这个条件才保住这一级；不写就一直保住。要同时写 tier_review。",
    )
    title: Annotated[Title | None, NEUTRAL] = Field(
        default=None, title="称号", description="聊天里对这一级会员的称呼，如 咖啡鉴赏家；不写就没有称号。"
    )
    badge: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=8), OfDrafts(one_line)] | None, NEUTRAL
    ] = Field(
        default=None, title="徽章", description="跟在称号后面的符号，最多 8 个字符，如 ★；不写就没有徽章。"
    )


class TierReview(Rule):
    """Tiers are kept with their history, and reviewed; without this section a tier is whatever the growth value says now.

    A review looks back on the calendar year or quarter that has just ended, or on the 365 days since the tier was reached or kept.
    """

    by: Annotated[Literal["never", "year", "quarter", "rolling"], UNKNOWN] = Field(
        title="评定周期",
        description="year 每年 1 月 1 日评定上一年，quarter 每季度第一天评定上一季度，"
        "rolling 达到或保住等级后满 365 天评定，never 只升不降。",
    )
    drop: Annotated[Literal["step", "level"], UNKNOWN] = Field(
        default="step",
        title="降级方式",
        description="没有保住时：step 降一级，level 降到保级条件达到了的那一级。",
    )
    warn_days: Annotated[int, Field(ge=0, le=90), HIGHER_IS_BETTER] = Field(
        default=30,
        title="提前提醒天数",
        description="评定前多少天，提醒还没有达到保级条件的会员；0 表示不提醒。",
    )


def ladder_faults(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    """Tiers of which the first is everybody's and the others rise. Raises RuleFaults for others."""
    refuse([*different(tiers, "id"), *_first(tiers[0]), *_others(tiers), *_rising(tiers)])
    return tiers


def review_faults(tiers: Sequence[Tier], review: TierReview | None) -> Iterator[Fault]:
    """Conditions of tiers that need a review which the rules do not have; places are within `tiers`."""
    for place, tier in enumerate(tiers):
        for key in ("reach", "keep"):
            if getattr(tier, key) is not None and review is None:
                yield Fault((place, key), f"写了 {key} 就要写 tier_review，等级才会连同历史一起保存")
        if tier.keep is not None and review is not None and review.by == "never":
            yield Fault((place, "keep"), "tier_review 的 by 是 never，从不评定，不要写保级条件")


def unknown_tiers(named: Sequence[str], tiers: Sequence[Tier]) -> Iterator[Fault]:
    """A fault for each id in a list of tiers that no tier has."""
    known = [tier.id for tier in tiers]
    for place, tier_id in enumerate(named):
        if tier_id not in known:
            yield Fault((place,), f"没有编号为 {tier_id} 的等级{what_there_is(tier_id, known)}")


def _first(tier: Tier) -> Iterator[Fault]:
    if tier.growth:
        yield Fault((0, "growth"), f"第一级的成长值要写 0，现在写的是 {tier.growth:,}")
    for key in ("reach", "keep"):
        if getattr(tier, key) is not None:
            yield Fault((0, key), f"第一级人人都有，不要写 {key}")


def _others(tiers: Sequence[Tier]) -> Iterator[Fault]:
    for place, tier in enumerate(tiers):
        if tier.growth is None and (tier.reach is None or not place):
            yield Fault((place, "growth"), "要写成长值，或者写 reach" if place else "第一级的成长值要写 0")
        if place and tier.growth is not None and tier.reach is not None:
            yield Fault((place, "growth"), "成长值和 reach 只写一个，成长值可以写成 reach 里的一条")


def _rising(tiers: Sequence[Tier]) -> Iterator[Fault]:
    lines = [(place, tier.growth) for place, tier in enumerate(tiers) if tier.growth is not None]
    for (_, below), (place, growth) in pairwise(lines):
        if growth <= below:
            yield Fault((place, "growth"), f"成长值要比前一级的 {below:,} 高，现在写的是 {growth:,}")
