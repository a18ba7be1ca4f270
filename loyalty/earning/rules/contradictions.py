"""Earning rules that can never fire, or that give the same thing twice: mistakes that the operator hears of before members do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from typing import Final

from loyalty.earning.rules.conditions import WEEKDAYS, AttributeTest, Between, Condition, TimeOfDay
from loyalty.earning.rules.rule import EarningRule, Store
from loyalty.programme.declaring.faults import Fault
from loyalty.programme.declaring.festivals import is_festival

ONE_OF: Final = ("tier", "weekday", "store", "region", "channel", "community")
"""Conditions on facts of which an event has only one."""
RANGES: Final = ("member_for", "amount")
NEVER: Final = "永远不会同时成立"


def contradictions(rules: Sequence[EarningRule], stores: Mapping[str, Store]) -> Iterator[Fault]:
    """The faults of all rules, each with its place."""
    paid = {rule.on for rule in rules if rule.award is not None}
    for place, rule in enumerate(rules):
        for fault in (*_conflicts(rule, stores), *_window(rule), *_too_small(rule)):
            yield Fault((place, *fault.where), fault.sentence)
        if rule.multiply is not None and rule.on not in paid:
            yield Fault((place, "multiply"), f"没有规则给 {rule.on} 积分，没有什么可以翻倍")
        for earlier in rules[:place]:
            if _same(earlier, rule):
                yield Fault(
                    (place, "id"), f"和 {earlier.id} 条件相同、时间重叠、给的也一样，同一件事会给两次"
                )


def _conflicts(rule: EarningRule, stores: Mapping[str, Store]) -> Iterator[Fault]:
    """Pairs of conditions that exclude each other."""
    for (_, one), (place, other) in combinations(enumerate(rule.when), 2):
        if _exclude(one, other):
            yield Fault(("when", place, other.kind), f"和前面的 {one.kind} {NEVER}，这条规则不会生效")
    regions = [condition.region for condition in rule.when if condition.region]
    for place, condition in enumerate(rule.when):
        own = {stores[one].region for one in condition.store or () if one in stores}
        if own and any(own.isdisjoint(region) for region in regions):
            yield Fault(("when", place, "store"), f"这些门店不在 region 写的区域里，{NEVER}")


def _exclude(one: Condition, other: Condition) -> bool:
    if one.kind != other.kind:
        return False
    if one.kind in ONE_OF:
        return set(one.value).isdisjoint(other.value)
    if one.kind in RANGES:
        return not _overlap(one.value, other.value)
    if one.time_of_day and other.time_of_day:
        return not any(_in(moment, other.time_of_day) for moment in _minutes(one.time_of_day))
    if one.order_number and other.order_number:
        first, second = one.order_number.ever, other.order_number.ever
        return first is not None and second is not None and first != second
    if one.attribute and other.attribute:
        both = one.attribute.keys() & other.attribute.keys()
        return any(_unlike(one.attribute[name], other.attribute[name]) for name in both)
    return False


def _overlap(one: Between, other: Between) -> bool:
    low = max(one.at_least or 0, other.at_least or 0)
    return all(span.below is None or low < span.below for span in (one, other))


def _minutes(hours: TimeOfDay) -> Iterable[int]:
    """The minutes of the day in these hours."""
    return (minute for minute in range(24 * 60) if _in(minute, hours))


def _in(minute: int, hours: TimeOfDay) -> bool:
    begin, end = (at.hour * 60 + at.minute for at in (hours.from_, hours.until))
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def _unlike(one: AttributeTest, other: AttributeTest) -> bool:
    """Whether no value passes both tests."""
    for test, against in ((one, other), (other, one)):
        wanted = test.one_of or (() if test.equals is None else (test.equals,))
        if wanted:
            return not any(against.holds(value) for value in wanted)
    low = max((test.at_least for test in (one, other) if test.at_least is not None), default=None)
    high = min((test.below for test in (one, other) if test.below is not None), default=None)
    return low is not None and high is not None and low >= high


def _window(rule: EarningRule) -> Iterator[Fault]:
    """A day of the week, or a festival, that the window does not reach."""
    if rule.from_ is None or rule.until is None or rule.until - rule.from_ >= timedelta(days=60):
        return
    last = (rule.until - timedelta(microseconds=1)).date()
    days = [rule.from_.date() + timedelta(days=ahead) for ahead in range((last - rule.from_.date()).days + 1)]
    reached = {WEEKDAYS[day.weekday()] for day in days}
    for place, condition in enumerate(rule.when):
        if condition.weekday and reached.isdisjoint(condition.weekday):
            yield Fault(("when", place, "weekday"), f"从 from 到 until 没有这一天，{NEVER}")
        if condition.festival and not any(is_festival(day, condition.festival) for day in days):
            yield Fault(("when", place, "festival"), f"从 from 到 until 没有这个节日，{NEVER}")


def _too_small(rule: EarningRule) -> Iterator[Fault]:
    """A budget that no award fits in, and points that are gone before they can be spent."""
    if rule.award is not None and rule.budget is not None and rule.award.flat:
        for key in ("per_day", "per_month", "total"):
            size = getattr(rule.budget, key)
            if size is not None and size < rule.award.flat:
                yield Fault(("budget", key), f"比一次的奖励 {rule.award.flat:,} 积分还少，一次也给不出")
    days = rule.pending_days
    longest = max(days.values()) if isinstance(days, Mapping) else days
    if rule.expiry is not None and rule.expiry.days is not None and longest >= rule.expiry.days:
        yield Fault(
            ("expiry", "days"), f"积分 {longest} 天后才到账，{rule.expiry.days} 天就失效了，会员用不到"
        )


def _same(one: EarningRule, other: EarningRule) -> bool:
    return (
        (one.on, one.award, one.multiply) == (other.on, other.award, other.multiply)
        and len(one.when) == len(other.when)
        and all(condition in other.when for condition in one.when)
        and not (one.until and other.from_ and one.until <= other.from_)
        and not (other.until and one.from_ and other.until <= one.from_)
    )
