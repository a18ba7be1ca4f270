"""The conditions of earning rules in Chinese: each is a phrase that names what it wants."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from loyalty.earning.rules.conditions import (
    WEEKDAYS,
    AttributeTest,
    Between,
    Condition,
    OrderNumber,
    TimeOfDay,
)
from loyalty.earning.rules.facts import Attribute
from loyalty.earning.rules.rule import AttributeType
from loyalty.ledger.words import number, yuan
from loyalty.programme.declaring.festivals import NAMES as FESTIVALS

DAY_NAMES: Final = dict(zip(WEEKDAYS, "一二三四五六日", strict=True))
BIRTHDAYS: Final = {"day": "生日当天", "week": "生日所在的一周", "month": "生日当月"}
CONSENTS: Final = {"notices": "同意接收提醒", "phone": "授权手机号"}


class Names(NamedTuple):
    """What members read for ids: of tiers, stores and kinds of events, and of what the section `names` declares.

    `attributes` are the declared attributes of each kind of event; `own` are those of the event that a rule is about.
    """

    tiers: Mapping[str, str]
    stores: Mapping[str, str]
    events: Mapping[str, str]
    channels: Mapping[str, str] = {}
    segments: Mapping[str, str] = {}
    communities: Mapping[str, str] = {}
    attributes: Mapping[str, Mapping[str, AttributeType]] = {}
    own: Mapping[str, AttributeType] = {}

    def of(self, event: str) -> "Names":
        """The names for a rule about this kind of event."""
        return self._replace(own=self.attributes.get(event, {}))

    def attribute(self, name: str) -> str:
        """The name of an attribute, or its id."""
        known = self.own.get(name)
        return (known.name if known else None) or name


def condition_text(condition: Condition, names: Names) -> str:
    """The phrase of a condition, such as `周三` or `在人民广场店、静安店`."""
    return PHRASES[condition.kind](condition.value, names)


def _listed(values: Iterable[str]) -> str:
    return "、".join(values)


def _tiers(ids: Iterable[str], names: Names) -> str:
    return f"限{_listed(names.tiers.get(one, one) for one in ids)}"


def _member_for(span: Between, _: Names) -> str:
    return f"入会{_span(span, lambda days: f' {number(days)} 天')}"


def _amount(span: Between, _: Names) -> str:
    return f"单笔{_span(span, lambda fen: f' {yuan(fen)} 元')}"


def _span(span: Between, told: Callable[[int], str]) -> str:
    """`满 30 天`, `不满 60 天`, or both."""
    low = f"满{told(span.at_least)}" if span.at_least is not None else ""
    high = f"不满{told(span.below)}" if span.below is not None else ""
    return "、".join(part for part in (low, high) if part)


def _hours(hours: TimeOfDay, _: Names) -> str:
    overnight = "次日 " if hours.until < hours.from_ else ""
    return f"{hours.from_:%H:%M} 到{overnight or ' '}{hours.until:%H:%M}"


def _order_number(wanted: OrderNumber, _: Names) -> str:
    if wanted.ever is not None:
        return "入会后的首单" if wanted.ever == 1 else f"入会后的第 {number(wanted.ever)} 单"
    if wanted.every is not None:
        return f"每满 {number(wanted.every)} 单的那一单"
    return f"{wanted.within_days} 天内的第 {number(wanted.nth or 0)} 单"


def _months(months: int, _: Names) -> str:
    return f"每连续消费满 {months} 个月的那个月"


def _attributes(tests: Mapping[str, AttributeTest], names: Names) -> str:
    return "，".join(_test(name, test, names) for name, test in tests.items())


def _test(name: str, test: AttributeTest, names: Names) -> str:
    """`运动分钟数不少于 30`, `饮品是拿铁`, `符合「带图」`."""
    told = names.attribute(name)
    if isinstance(test.equals, bool):
        return f"{'符合' if test.equals else '不符合'}「{told}」"
    known = names.own[name].values if name in names.own else {}
    blank = " " if told[-1].isascii() else ""
    if test.one_of is not None:
        return f"{told}{blank}是{spaced(_listed(_value(one, known) for one in test.one_of))}之一"
    if test.equals is not None:
        return f"{told}{blank}是{spaced(_value(test.equals, known))}".rstrip()
    return f"{told}{blank}" + (
        f"不少于 {test.at_least}" if test.at_least is not None else f"低于 {test.below}"
    )


def _value(value: Attribute, known: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return known.get(value, value) if isinstance(value, str) else str(value)


def spaced(text: str) -> str:
    """A text between Chinese characters: with a blank on each side where it begins or ends with a Latin letter or a digit."""
    return f"{' ' if text[:1].isascii() else ''}{text}{' ' if text[-1:].isascii() else ''}"


PHRASES: Final[dict[str, Callable[[Any, Names], str]]] = {
    "tier": _tiers,
    "member_for": _member_for,
    "birthday": lambda span, _: BIRTHDAYS[span],
    "festival": lambda festivals, _: f"{_listed(FESTIVALS[one] for one in festivals)}当天",
    "weekday": lambda days, _: _listed(f"周{DAY_NAMES[day]}" for day in days),
    "time_of_day": _hours,
    "store": lambda stores, names: f"在{_listed(names.stores.get(one, one) for one in stores)}",
    "region": lambda regions, _: f"在{_listed(regions)}的门店",
    "channel": lambda channels, names: (
        f"渠道是{spaced(_listed(names.channels.get(one, one) for one in channels))}".rstrip()
    ),
    "amount": _amount,
    "order_number": _order_number,
    "months_in_a_row": _months,
    "first_of_its_kind": lambda _, __: "第一次",
    "attribute": _attributes,
    "segment": lambda segments, names: (
        f"限「{_listed(names.segments.get(one, one) for one in segments)}」的会员"
    ),
    "community": lambda communities, names: (
        f"来自社群「{_listed(names.communities.get(one, one) for one in communities)}」"
    ),
    "consent": lambda consents, _: f"已{_listed(CONSENTS[one] for one in consents)}",
}
"""The phrase of each condition, by its name."""
