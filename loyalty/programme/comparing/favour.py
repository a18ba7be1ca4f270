"""Whether a rule set is strictly favourable: as good as the one before it for every member, rule by rule. It names what got worse.

Pure. What the declarations of `better` cannot judge counts as worse, so that a mistake costs a few days and no member's trust.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from loyalty.programme.comparing.differences import item_text, names, value_text
from loyalty.programme.declaring.better import Better, Comparable, declared
from loyalty.programme.declaring.windows import moment_text
from loyalty.programme.outline.items import Named, items_of, place_text, plain_text, value_in
from loyalty.programme.rules import RuleSet

Place = tuple[str | Named | int, ...]

WHOM: Final[Mapping[str, str]] = {
    "expiry": "以后得到积分的会员",
    "welcome": "还没有领过新人礼的会员",
    "check_in": "签到的会员",
    "repair": "补签的会员",
    "wheels": "抽奖的会员",
    "rewards": "兑换礼品的会员",
    "referral": "邀请好友的会员和他们的好友",
    "tiers": "达到或快要达到这一等级的会员",
    "tier_review": "已经升级的会员",
    "earning": "这样得积分的会员",
    "stacking": "同时享受几种倍数的会员",
    "missions": "做任务的会员",
    "polls": "还没有投票的会员",
    "stores": "在这些门店消费的会员",
    "events": "这样得积分的会员",
}
"""Who is concerned by each section of the rules."""
EVERYBODY: Final = "会员"
NOTICE: Final = timedelta(days=7)
"""How long before members hear of a version that makes something worse."""
CANNOT_TELL: Final = "程序判断不了对会员是好是坏"


class Loss(NamedTuple):
    """One thing that is or may be worse: where, what was and what is, in Chinese."""

    place: Place
    sentence: str

    @property
    def text(self) -> str:
        """`兑换礼品的会员：rewards（礼品）「mug」 › price_points（价格）：60 → 80`."""
        return f"{WHOM.get(str(self.place[0]), EVERYBODY)}：{place_text(self.place)}：{self.sentence}"

    @property
    def plain_text(self) -> str:
        """`礼品「杯子」价格：60 → 80`, for members."""
        return f"{plain_text(self.place)}：{self.sentence.removesuffix(f'（{CANNOT_TELL}）')}"


def losses(before: RuleSet, after: RuleSet) -> list[str]:
    """A Chinese line per thing that is or may be worse for some member under `after`; none if it is strictly favourable."""
    return [one.text for one in _section((), before, after)]


def plain_losses(before: RuleSet, after: RuleSet) -> list[str]:
    """The same lines in the words of members."""
    return [one.plain_text for one in _section((), before, after)]


def _section(place: Place, before: Any, after: Any) -> Iterator[Loss]:
    for key, item in items_of(type(after)).items():
        was, now = value_in(before, key), value_in(after, key)
        if was != now:
            yield from _item((*place, key), was, now, declared(item.metadata))
    if before != after and isinstance(after, Comparable):
        yield from (Loss((*place, *fault.where), fault.sentence) for fault in after.losses(before))


def _item(place: Place, was: Any, now: Any, better: Better) -> Iterator[Loss]:
    if better.way in {"neutral", "together"}:
        return
    if was is None or now is None:
        yield from _written(place, was, now, better)
    elif type(was) is not type(now):
        yield Loss(place, f"{_change(place, was, now)}（{CANNOT_TELL}）")
    elif items_of(type(now)):
        yield from _section(place, was, now)
    elif isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            if was.get(key) != now.get(key):
                yield from _item((*place, str(key)), was.get(key), now.get(key), better)
    elif isinstance(now, tuple) and any(items_of(type(one)) for one in (*was, *now)):
        yield from _elements(place, was, now, better)
    elif better.way == "unknown":
        yield Loss(place, f"{_change(place, was, now)}（{CANNOT_TELL}）")
    elif not _at_least(*((now, was) if better.way == "higher" else (was, now))):
        yield Loss(place, _change(place, was, now))


def _written(place: Place, was: Any, now: Any, better: Better) -> Iterator[Loss]:
    """A value that appears or disappears."""
    if better.null == "unknown":
        yield Loss(place, f"{_change(place, was, now)}（{CANNOT_TELL}）")
    elif (now is None) == (better.null == "worst"):
        yield Loss(place, _change(place, was, now))


def _elements(place: Place, was: Sequence[Any], now: Sequence[Any], better: Better) -> Iterator[Loss]:
    """Elements of a list that were removed, added, or are in both."""
    old, new = _by_name(was), _by_name(now)
    for name in old.keys() - new.keys() if better.way != "lower" else ():
        yield Loss((*place, _named(name, old[name])), "去掉了")
    for name in new.keys() - old.keys() if better.way != "higher" else ():
        yield Loss((*place, _named(name, new[name])), "新增了")
    for name in [name for name in new if name in old]:
        yield from _section((*place, _named(name, new[name])), old[name], new[name])


def _named(name: str, element: Any) -> Named:
    return Named(name, getattr(element, "name", "") or getattr(element, "title", ""))


def _by_name(elements: Sequence[Any]) -> dict[str, Any]:
    heads = [{key: value_in(one, key) for key in [next(iter(items_of(type(one))))]} for one in elements]
    return dict(zip(names(heads), elements, strict=True))


def _at_least(much: Any, little: Any) -> bool:
    """Whether one value is as high as another; of lists, whether it has all that the other has."""
    if isinstance(much, tuple):
        return set(much) >= set(little)
    return bool(much >= little)


def _change(place: Place, was: Any, now: Any) -> str:
    return f"{_text(place, was)} → {_text(place, now)}"


def _text(place: Place, value: Any) -> str:
    if isinstance(value, datetime):
        return value_text(moment_text(value))
    if items_of(type(value)):
        return "有"
    return item_text(place, list(value) if isinstance(value, tuple) else value)
