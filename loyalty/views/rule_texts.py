"""The rules in Chinese, generated from the rule set itself: what members read is what the engine does."""

from collections.abc import Iterator
from dataclasses import dataclass

from loyalty.rules import Prize, RuleSet, Wheel
from loyalty.sentences import number, odds_text


@dataclass(frozen=True)
class RuleText:
    """One topic of the rules: its Chinese title and its sentences. `topic` is a stable code."""

    topic: str
    title: str
    sentences: tuple[str, ...]


def rule_texts(rules: RuleSet) -> tuple[RuleText, ...]:
    """Every topic that this rule set switches on, in reading order."""
    topics = [
        RuleText("welcome", "新人礼", tuple(_welcome(rules))),
        RuleText("check_in", "每日签到", tuple(_check_in(rules))),
        *(RuleText(f"wheel:{wheel.id}", wheel.name, tuple(_wheel(wheel))) for wheel in rules.wheels),
        RuleText("rewards", "积分兑换", tuple(_rewards(rules))),
        RuleText("referral", "邀请好友", tuple(_referral(rules))),
        RuleText("tiers", "会员等级", tuple(_tiers(rules))),
        RuleText("expiry", "积分有效期", tuple(_expiry(rules))),
    ]
    return tuple(topic for topic in topics if topic.sentences)


def wheel_rule(wheel: Wheel) -> str:
    """How a wheel is played, in one paragraph."""
    return "".join(_wheel(wheel))


def _welcome(rules: RuleSet) -> Iterator[str]:
    if rules.welcome.points:
        yield f"新会员加入即送 {number(rules.welcome.points)} 积分，每人一次。"


def _check_in(rules: RuleSet) -> Iterator[str]:
    rule = rules.check_in
    yield f"每天签到一次，得 {number(rule.points)} 积分。"
    if rule.ladder:
        steps = "、".join(f"第 {step.streak} 天加 {number(step.bonus)} 积分" for step in rule.ladder)
        yield f"连续签到有加赠：{steps}。"
        yield f"每 {rule.cycle_days} 天为一轮，签满一轮从第 1 天重新开始；中断一天，也从第 1 天重新开始。"


def _wheel(wheel: Wheel) -> Iterator[str]:
    yield _price(wheel)
    yield f"每人每天最多 {wheel.draws_per_day} 次。"
    table = "、".join(f"{prize.name} {odds_text(prize.odds_ppm)}" for prize in _by_slot(wheel))
    yield f"中奖概率：{table}。"
    for prize in _by_slot(wheel):
        if prize.stock is not None and prize.substitute is not None:
            substitute = wheel.prize(prize.substitute).name
            yield f"“{prize.name}”共 {number(prize.stock)} 份，发完后抽中改送“{substitute}”。"


def _price(wheel: Wheel) -> str:
    if wheel.cost_points == 0:
        return "每次抽奖免费。"
    cost = f"每次 {number(wheel.cost_points)} 积分。"
    return f"每天前 {wheel.free_per_day} 次免费，之后{cost}" if wheel.free_per_day else cost


def _by_slot(wheel: Wheel) -> list[Prize]:
    return sorted(wheel.prizes, key=lambda prize: prize.slot)


def _rewards(rules: RuleSet) -> Iterator[str]:
    for reward in rules.rewards:
        stock = "" if reward.stock is None else f"，共 {number(reward.stock)} 份"
        price = number(reward.price_points)
        yield f"“{reward.name}”：{price} 积分{stock}，兑换后 {reward.valid_days} 天内有效。"
    if rules.rewards:
        yield "没有使用、没有过期的兑换可以取消，积分退回原来的批次，有效期不变。"


def _referral(rules: RuleSet) -> Iterator[str]:
    rule = rules.referral
    if not rule.enabled:
        return
    yield (
        f"好友接受邀请加入并完成首次签到后，你得 {number(rule.inviter_points)} 积分，"
        f"好友得 {number(rule.friend_points)} 积分。"
    )
    for step in rule.ladder:
        yield f"完成首次签到的好友满 {step.qualified} 位，再加 {number(step.bonus)} 积分，每档一次。"
    yield "分享和关注本身不送积分。"


def _tiers(rules: RuleSet) -> Iterator[str]:
    for tier in rules.tiers:
        benefits = f"，享{'、'.join(tier.benefits)}" if tier.benefits else ""
        reached = f"成长值满 {number(tier.growth)}" if tier.growth else "加入即是"
        yield f"{tier.name}：{reached}{benefits}。"
    yield "获得积分时成长值随之增加，使用积分不会降低成长值。"


def _expiry(rules: RuleSet) -> Iterator[str]:
    months = rules.expiry.months
    if months is None:
        yield "积分长期有效。"
    else:
        yield f"积分自获得之日起 {months} 个月有效，到期那个月的月底失效。"
        yield "使用积分时，先用最早到期的。"
