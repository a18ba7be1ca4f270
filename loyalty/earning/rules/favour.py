"""What members lose when an earning rule changes, in the items that no single order of values compares."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from loyalty.earning.rules.conditions import Between, Condition
from loyalty.earning.rules.values import fraction
from loyalty.ledger.words import number
from loyalty.programme.declaring.faults import Fault

if TYPE_CHECKING:
    from loyalty.earning.rules.rule import Award, EarningRule, Limit

PERIODS: Final = {
    "day": "每天", "week": "每周", "month": "每月", "year": "每年", "order": "每笔订单", "ever": "总共",
}  # fmt: skip
WIDENING = ("tier", "weekday", "festival", "store", "region", "channel", "segment", "community")
"""Conditions that hold more often with more values."""


def losses_of(before: "EarningRule", after: "EarningRule") -> Iterator[Fault]:
    """Each condition, limit, factor, waiting time or growth that is worse for some member than before."""
    for place, condition in enumerate(after.when):
        if not any(_implies(old, condition) for old in before.when):
            title = type(condition).model_fields[condition.kind].title
            told = (
                "条件变了，可能变严了"
                if any(old.kind == condition.kind for old in before.when)
                else "新加了条件"
            )
            yield Fault(("when", place), f"{told}（{title}）")
    for place, limit in enumerate(after.limit):
        if not any(_within(old, limit) for old in before.limit):
            yield Fault(("limit", place), _tighter(before.limit, limit))
    yield from _factor(before, after)
    for tier in _tiers(before) | _tiers(after):
        was, now = before.pending_for(tier), after.pending_for(tier)
        if now > was:
            yield Fault(("pending_days",), f"{tier}：{was} 天 → {now} 天")
    if not _grows_as_much(before.growth, after.growth):
        yield Fault(("growth",), "成长值可能变少了")


def _implies(old: Condition, new: Condition) -> bool:
    """Whether the new condition holds whenever the old one does, as far as the program can tell."""
    if old.kind != new.kind:
        return False
    if isinstance(old.value, Between) and isinstance(new.value, Between):
        return (old.value.at_least or 0) >= (new.value.at_least or 0) and (
            new.value.below is None or (old.value.below is not None and old.value.below <= new.value.below)
        )
    return bool(old == new or (old.kind in WIDENING and set(old.value) <= set(new.value)))


def _tighter(before: "Sequence[Limit]", limit: "Limit") -> str:
    """`每月的上限：500 积分 → 300 积分`, or that there was none."""
    old = next(
        (one for one in before if (one.per, one.of, one.tier) == (limit.per, limit.of, limit.tier)), None
    )
    return f"{PERIODS[limit.per]}的上限：{_most(old) if old else '没有'} → {_most(limit)}"


def _most(limit: "Limit") -> str:
    times = [f"{number(limit.times)} 次"] if limit.times is not None else []
    return "、".join(times + ([f"{number(limit.points)} 积分"] if limit.points is not None else []))


def _within(old: "Limit", new: "Limit") -> bool:
    """Whether the new limit cuts nothing that the old one did not cut."""
    return (
        (old.per, old.of) == (new.per, new.of)
        and (old.tier is None or (new.tier is not None and set(new.tier) <= set(old.tier)))
        and _not_lower(old.times, new.times)
        and _not_lower(old.points, new.points)
    )


def _not_lower(old: int | None, new: int | None) -> bool:
    return new is None or (old is not None and new >= old)


def _factor(before: "EarningRule", after: "EarningRule") -> Iterator[Fault]:
    was, now = before.multiply, after.multiply
    if was is not None and (now is None or fraction(now) < fraction(was)):
        yield Fault(("multiply",), f"{was} → {now if now is not None else '（无）'}")


def _tiers(rule: "EarningRule") -> set[str]:
    return set(rule.pending_days) if isinstance(rule.pending_days, Mapping) else {"default"}


def _grows_as_much(old: "Award | str", new: "Award | str") -> bool:
    if old in (new, "none"):
        return True
    if isinstance(old, str) or isinstance(new, str):
        return False
    return new.flat >= old.flat and new.rate >= old.rate
