"""The earning rules in Chinese, as members read them: one sentence per rule, generated from the rule that runs."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from loyalty.earning.rules.condition_words import Names, condition_text, spaced
from loyalty.earning.rules.favour import PERIODS
from loyalty.earning.rules.rule import Award, EarningRule, Limit, Stacking
from loyalty.engine.feature import RuleText
from loyalty.ledger.words import number, yuan
from loyalty.members.profile import BIRTHDAY_WAIT
from loyalty.programme.declaring.windows import window_text

BUDGETS: Final = (("per_day", "每天"), ("per_month", "每月"), ("total", "总共"))


def names_of(rules: Any) -> Names:
    """The names that sentences use, from a rule set."""
    tiers, stores, events = (
        {one.id: one.name for one in section} for section in (rules.tiers, rules.stores, rules.events)
    )
    return Names(
        tiers,
        stores,
        events,
        channels=rules.names.channels,
        segments=rules.names.segments,
        communities=rules.names.communities,
        attributes={event.id: event.attributes for event in rules.events},
    )


def rule_texts(rules: Any, empty: Collection[str]) -> Iterator[RuleText]:
    """What earns points, rule by rule, and how factors go together; `empty` are the pools with nothing left."""
    names = names_of(rules)
    sentences = [rule_sentence(rule, names, empty) for rule in rules.earning]
    if any(rule.multiply is not None for rule in rules.earning):
        sentences.append(stacking_sentence(rules.stacking))
    if any(condition.birthday for rule in rules.earning for condition in rule.when):
        sentences.append(f"改了生日以后，新的生日从 {BIRTHDAY_WAIT.days} 天后开始算。")
    yield RuleText("earning", "赚积分", tuple(sentences))


def rule_sentence(rule: EarningRule, names: Names, empty: Collection[str] = ()) -> str:
    """One rule: `消费返积分：消费每满 1 元得 1 积分；7 天后到账；每人每月最多得 100 积分。`"""
    names = names.of(rule.on)
    when = [
        window_text(rule),
        *(condition_text(one, names) for one in rule.when if not one.first_of_its_kind),
    ]
    first = "第一次" if any(one.first_of_its_kind for one in rule.when) else ""
    event = f"{first}{names.events.get(rule.on, rule.on)}"
    earns = "，".join([*(part for part in when if part), f"{event}{_gives(rule)}"])
    more = [
        *_pending(rule, names),
        *_expiry(rule),
        *_growth(rule),
        *_limits(rule, names),
        *_budget(rule, empty),
    ]
    return f"{rule.name}：{'；'.join([earns, *more])}。"


def stacking_sentence(stacking: Stacking) -> str:
    """How several factors for one event go together."""
    together = "只按最高的倍数算" if stacking.multipliers == "best" else "倍数相乘"
    return f"几个倍数同时成立时{together}，最多 {stacking.cap} 倍；每一笔最后只取整一次，舍去小数。"


def _gives(rule: EarningRule) -> str:
    return f"得 {rule.multiply} 倍积分" if rule.award is None else _award(rule.award, "积分")


def _award(award: Award, what: str) -> str:
    """`每满 1 元得 1 积分` where a point is a round amount, else `每 10 元得 3 积分（按比例算，舍去小数）`."""
    if award.per_fen is None:
        return f"得 {number(award.points)} {what}"
    if award.points == 1:
        return f"每满 {yuan(award.per_fen)} 元得 1 {what}"
    return f"每 {yuan(award.per_fen)} 元得 {number(award.points)} {what}（按比例算，舍去小数）"


def _pending(rule: EarningRule, names: Names) -> Iterator[str]:
    days = rule.pending_days
    if isinstance(days, Mapping):
        own = (
            f"{names.tiers.get(tier, tier)}{_opens(one)}" for tier, one in days.items() if tier != "default"
        )
        yield "，".join([_opens(days["default"]), *own])
    elif days:
        yield _opens(days)


def _opens(days: int) -> str:
    return f" {days} 天后到账".lstrip() if days else "马上到账"


def _expiry(rule: EarningRule) -> Iterator[str]:
    if rule.expiry is not None:
        blank = " " if rule.expiry.text[0].isdigit() else ""
        yield f"积分{blank}{rule.expiry.text}"


def _growth(rule: EarningRule) -> Iterator[str]:
    if rule.growth == "none":
        yield "不涨成长值"
    elif not isinstance(rule.growth, str):
        yield f"另外{_award(rule.growth, '成长值')}"


def _limits(rule: EarningRule, names: Names) -> Iterator[str]:
    for limit in rule.limit:
        apart = f"每个{spaced(names.attribute(limit.of))}" if limit.of is not None else ""
        yield f"{_whom(limit, names)}{apart}{PERIODS[limit.per]}最多{_most(limit, rule)}"


def _whom(limit: Limit, names: Names) -> str:
    return "每人" if limit.tier is None else "、".join(names.tiers.get(one, one) for one in limit.tier)


def _most(limit: Limit, rule: EarningRule) -> str:
    times = f" {number(limit.times)} 次" if limit.times is not None else ""
    points = f"{_get(rule)} {number(limit.points)} 积分" if limit.points is not None else ""
    return "、".join(part for part in (times, points) if part)


def _get(rule: EarningRule) -> str:
    """A factor's limits count what it adds to other awards."""
    return "得" if rule.multiply is None else "多得"


def _budget(rule: EarningRule, empty: Collection[str]) -> Iterator[str]:
    if rule.budget is None:
        return
    sizes = [(told, getattr(rule.budget, key)) for key, told in BUDGETS]
    most = "、".join(f"{per}最多{_get(rule)} {number(size)} 积分" for per, size in sizes if size is not None)
    gone = "，现在已经发完" if f"budget:{rule.id}" in empty else ""
    yield f"全体会员{most}，发完为止{gone}"
