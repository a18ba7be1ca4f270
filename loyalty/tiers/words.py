"""The tiers in Chinese: how each is reached, what keeps it, and when it is reviewed."""

from collections.abc import Iterator
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.ledger.words import number, yuan
from loyalty.tiers.ladder import Goal, Goals, Ladder, Measured
from loyalty.tiers.rule import Tier

_PERIODS: Final = {"ever": "", "year": "当年", "quarter": "当季", "days_365": "最近 365 天"}
_REVIEWED: Final = {"year": "上一年", "quarter": "上一季度", "days_365": "评定前 365 天"}
_REVIEWS: Final = {
    "never": "等级只升不降。",
    "year": "每年 1 月 1 日评定等级，看上一年是否达到保级条件。",
    "quarter": "每个季度的第一天评定等级，看上一季度是否达到保级条件。",
    "rolling": "升级或保级后满 365 天评定等级，看这 365 天是否达到保级条件。",
}


def rule_texts(ladder: Ladder) -> Iterator[RuleText]:
    """The tiers, and how growth value comes about."""
    yield RuleText("tiers", "会员等级", tuple(_sentences(ladder)))


def _sentences(ladder: Ladder) -> Iterator[str]:
    for rung, tier in enumerate(ladder.tiers):
        benefits = f"，享{'、'.join(tier.benefits)}" if tier.benefits else ""
        reached = goals_text(ladder.reaching[rung]) if rung else "加入即是"
        yield f"{tier.name}：{reached}{benefits}。"
    yield "赚积分就涨成长值，花积分不会减。"
    if ladder.review is not None:
        yield from _review_sentences(ladder)


def _review_sentences(ladder: Ladder) -> Iterator[str]:
    review = ladder.review
    if review is None:
        return
    yield _REVIEWS[review.by]
    for tier, keeping in zip(ladder.tiers, ladder.keeping, strict=True):
        if keeping is not None:
            yield f"{tier.name}的保级条件：{goals_text(keeping, reviewed=True)}。"
    if review.by != "never":
        falls = "降一级" if review.drop == "step" else "降到达到了保级条件的那一级"
        yield f"没有达到就{falls}；没有保级条件的等级一直保留。"
        if review.by != "rolling":
            yield "当期才升上来的等级，下一期结束时才评定。"
        yield "降级以后，当期达到保级条件就恢复。"


def honour_text(tier: Tier) -> str:
    """The title and the badge of a tier, such as `咖啡鉴赏家 ★`; empty if it has neither."""
    return " ".join(part for part in (tier.title, tier.badge) if part)


def goals_text(goals: Goals, *, reviewed: bool = False) -> str:
    """The goals in words, such as `成长值满 5,001，或当年签到满 60 天`."""
    if not goals.goals:
        return "加入即是"
    joined = "，或" if goals.need == "any" else "，并且"
    return joined.join(goal_text(goal, reviewed=reviewed) for goal in goals.goals)


def goal_text(goal: Goal, *, reviewed: bool = False) -> str:
    """One goal in words; `reviewed`: as a review looks back on it."""
    period = (_REVIEWED if reviewed else _PERIODS)[goal.within]
    return f"{period}{metric_text(goal)}满 {amount_text(goal, goal.at_least)}"


def metric_text(goal: Goal) -> str:
    """The name of the goal's metric."""
    return {"growth": "成长值", "active_days": "签到", "spend_fen": "消费"}[goal.metric]


def amount_text(goal: Goal, amount: int) -> str:
    """A number of the goal's metric with its unit."""
    if goal.metric == "spend_fen":
        return f"{yuan(amount)} 元"
    return f"{number(amount)} 天" if goal.metric == "active_days" else number(amount)


def missing_text(goals: Goals, measured: Measured) -> str:
    """What is missing for goals that are not met, such as `还差成长值 30，或签到 5 天`."""
    joined = "，或" if goals.need == "any" else "，并且"
    missing = [(goal, goal.at_least - goal.have(measured)) for goal in goals.goals]
    return "还差" + joined.join(
        f"{metric_text(goal)} {amount_text(goal, left)}" for goal, left in missing if left > 0
    )
