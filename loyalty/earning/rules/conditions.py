"""The conditions that a rule may set: a closed vocabulary, each a question about the facts of an event.

A `Condition` holds exactly one of them; `holds` answers it. Their sentences are in `condition_words`.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from loyalty.earning.rules.facts import Attribute, Facts
from loyalty.earning.rules.values import AttributeValue, Clock, Fen, OneOf, Sparse, StoreId, Times
from loyalty.ledger.ids import Id
from loyalty.programme.declaring.faults import Fault, OfDrafts, items, refuse
from loyalty.programme.declaring.festivals import Festival, is_festival
from loyalty.programme.declaring.sections import Rule
from loyalty.programme.declaring.texts import Title

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Label = Annotated[str, Field(min_length=1, max_length=64)]
MOST_DAYS_BACK: Final = 366
"""Orders are counted in windows of at most so many days."""


def _some(values: tuple[Any, ...]) -> list[Fault]:
    twice = sorted({str(one) for one in values if values.count(one) > 1})
    return [Fault((), f"写了两次：{'、'.join(twice)}")] if twice else []


SOME: Final = (Field(min_length=1), items(200), OfDrafts(_some))


class Between(Sparse):
    """A range of integers: at least the one, below the other; one of them may be absent."""

    at_least: Fen | None = Field(default=None, title="至少", description="大于等于这个数。")
    below: Annotated[Fen, Field(ge=1)] | None = Field(default=None, title="低于", description="小于这个数。")

    @model_validator(mode="after")
    def _is_open(self) -> Self:
        if self.at_least is None and self.below is None:
            refuse([Fault((), "at_least 和 below 至少写一项")])
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            refuse([Fault(("below",), f"要大于 at_least 的 {self.at_least:,}，否则永远不会成立")])
        return self

    def contains(self, value: int) -> bool:
        """Whether the value lies in the range."""
        return (self.at_least is None or value >= self.at_least) and (
            self.below is None or value < self.below
        )


class TimeOfDay(Rule):
    """From one time of day to another, half-open; overnight where the second is the earlier one."""

    from_: Clock = Field(alias="from", title="从几点", description='从几点几分起，加引号，如 "18:00"。')
    until: Clock = Field(
        title="到几点", description='到几点几分为止，不含，如 "21:00"；比开始的早，就是到第二天。'
    )

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.from_ == self.until:
            refuse([Fault(("until",), "不能和 from 相同")])
        return self


class OrderNumber(Sparse):
    """The n-th order ever, every n-th order, or the n-th within some days."""

    ever: Times | None = Field(default=None, title="第几单", description="会员的第几单，如首单写 1。")
    every: Annotated[Times, Field(ge=2)] | None = Field(
        default=None, title="每几单", description="每满几单，如每满 5 单写 5：第 5、10、15… 单。"
    )
    within_days: Annotated[int, Field(ge=1, le=MOST_DAYS_BACK)] | None = Field(
        default=None, title="几天之内", description="和 nth 一起写：最近多少天之内，这一天也算。"
    )
    nth: Annotated[Times, Field(ge=2)] | None = Field(
        default=None, title="其中第几单", description="和 within_days 一起写：这些天里的第几单。"
    )

    @property
    def pays_once(self) -> bool:
        """Whether it names a position that refunds of earlier orders can bring again. They cannot bring a first order again
        whose award stands.
        """
        return self.ever != 1

    @model_validator(mode="after")
    def _is_one_count(self) -> Self:
        counts = (self.ever is not None) + (self.every is not None) + (self.within_days is not None)
        if counts != 1 or (self.within_days is None) != (self.nth is None):
            refuse([Fault((), "只写 ever，或只写 every，或把 within_days 和 nth 一起写")])
        return self


class AttributeTest(OneOf):
    """What the value of an event's attribute must be."""

    equals: AttributeValue | None = Field(default=None, title="等于", description="等于这个值。")
    one_of: Annotated[tuple[AttributeValue, ...], *SOME] | None = Field(
        default=None, title="是其中之一", description="是列出的值之一。"
    )
    at_least: int | None = Field(default=None, title="至少", description="大于等于这个数。")
    below: int | None = Field(default=None, title="低于", description="小于这个数。")

    def holds(self, value: Attribute | None) -> bool:
        """Whether the value passes; an absent one never does."""
        if value is None:
            return False
        if self.equals is not None:
            return same(value, self.equals)
        if self.one_of is not None:
            return any(same(value, one) for one in self.one_of)
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return value >= self.at_least if self.at_least is not None else value < (self.below or 0)


def same(one: Attribute, other: Attribute) -> bool:
    """Whether two attributes are equal; true and 1 are not."""
    return type(one) is type(other) and one == other


class Condition(OneOf):
    """One question about an event and its member."""

    tier: Annotated[tuple[Id, ...], *SOME] | None = Field(
        default=None, title="等级", description="会员在事件发生时是这些等级之一，写等级的编号。"
    )
    member_for: Between | None = Field(
        default=None, title="入会天数", description="加入了多少天：从 0 算起，加入当天是 0。"
    )
    birthday: Literal["day", "week", "month"] | None = Field(
        default=None,
        title="生日",
        description="day 生日当天，week 生日所在的一周（周一到周日），month 生日当月；2 月 29 日的生日在平年按 2 月 28 日算。",
    )
    weekday: Annotated[tuple[Weekday, ...], *SOME] | None = Field(
        default=None, title="星期几", description="monday 周一，依次到 sunday 周日，可以写几天。"
    )
    festival: Annotated[tuple[Festival, ...], *SOME] | None = Field(
        default=None,
        title="节日",
        description="法定节日当天，调休不算：new_year 元旦，spring_festival 春节（除夕到初三），tomb_sweeping 清明节，"
        "labor_day 劳动节，dragon_boat 端午节，mid_autumn 中秋节，national_day 国庆节（1 到 3 日）。",
    )
    time_of_day: TimeOfDay | None = Field(default=None, title="时段", description="一天里的几点到几点。")
    store: Annotated[tuple[StoreId, ...], *SOME] | None = Field(
        default=None, title="门店", description="在这些门店之一，写门店的编号。"
    )
    region: Annotated[tuple[Title, ...], *SOME] | None = Field(
        default=None, title="区域", description="门店属于这些区域之一。"
    )
    channel: Annotated[tuple[StoreId, ...], *SOME] | None = Field(
        default=None, title="渠道", description="事件来自这些渠道之一，如 store、online，照上报的写。"
    )
    amount: Between | None = Field(
        default=None, title="金额", description="金额的范围，单位是分：100 元写 10000。"
    )
    order_number: OrderNumber | None = Field(
        default=None,
        title="第几单",
        description="会员的第几单；取消和全额退款的不算，退款后再到同一单不重复奖励。",
    )
    months_in_a_row: Annotated[int, Field(ge=2, le=60)] | None = Field(
        default=None,
        title="连续几个月",
        description="连续几个自然月都有消费：写 3，第 3、6、9… 个月成立；中间断一个月就重新算。",
    )
    first_of_its_kind: Literal[True] | None = Field(
        default=None, title="第一次", description="写 true：会员第一次有这种事件，如首次评价。"
    )
    attribute: Annotated[dict[Id, AttributeTest], Field(min_length=1), items(20)] | None = Field(
        default=None, title="属性", description="事件的属性要满足什么，如 minutes: {at_least: 30}。"
    )
    segment: Annotated[tuple[Label, ...], *SOME] | None = Field(
        default=None, title="人群", description="事件发生时会员在这些人群之一，人群由运营导入。"
    )
    community: Annotated[tuple[StoreId, ...], *SOME] | None = Field(
        default=None, title="社群", description="事件来自这些社群之一：事件的属性 community 是社群的编号。"
    )
    consent: Annotated[tuple[Literal["notices", "phone"], ...], *SOME] | None = Field(
        default=None, title="授权", description="会员同意了其中每一项：notices 接收提醒，phone 授权了手机号。"
    )

    @property
    def value(self) -> Any:
        """What the condition wants: the value of the item that is written."""
        return getattr(self, self.kind)

    def holds(self, facts: Facts) -> bool:
        """Whether the facts meet the condition."""
        return HOLDS[self.kind](self.value, facts)


def _in_hours(hours: TimeOfDay, facts: Facts) -> bool:
    clock = facts.at.time()
    if hours.from_ < hours.until:
        return hours.from_ <= clock < hours.until
    return clock >= hours.from_ or clock < hours.until


def birthday_in(year: int, birthday: tuple[int, int]) -> date:
    """The day on which a birthday falls in a year: 29 February is 28 February where there is none."""
    month, day = birthday
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 2, 28)


def _birthday(span: str, facts: Facts) -> bool:
    if facts.birthday is None:
        return False
    if span == "month":
        return facts.day.month == facts.birthday[0]
    monday = facts.day - timedelta(days=facts.day.weekday())
    near = [birthday_in(facts.day.year + shift, facts.birthday) for shift in (-1, 0, 1)]
    return facts.day in near if span == "day" else any(0 <= (one - monday).days < 7 for one in near)


def _order_number(wanted: OrderNumber, facts: Facts) -> bool:
    if not facts.order_number or (wanted.pays_once and facts.order_number <= facts.rewarded):
        return False
    if wanted.ever is not None:
        return facts.order_number == wanted.ever
    if wanted.every is not None:
        return facts.order_number % wanted.every == 0
    first = facts.day - timedelta(days=(wanted.within_days or 1) - 1)
    return 1 + sum(first <= day <= facts.day for day in facts.order_days) == wanted.nth


def _months_in_a_row(months: int, facts: Facts) -> bool:
    return facts.months_in_a_row > 0 and facts.months_in_a_row % months == 0


HOLDS: Final[dict[str, Callable[[Any, Facts], bool]]] = {
    "tier": lambda tiers, facts: facts.tier in tiers,
    "member_for": lambda span, facts: (
        facts.joined_on <= facts.day and span.contains((facts.day - facts.joined_on).days)
    ),
    "birthday": _birthday,
    "weekday": lambda days, facts: WEEKDAYS[facts.day.weekday()] in days,
    "festival": lambda festivals, facts: is_festival(facts.day, festivals),
    "time_of_day": _in_hours,
    "store": lambda stores, facts: facts.store in stores,
    "region": lambda regions, facts: facts.region in regions,
    "channel": lambda channels, facts: facts.channel in channels,
    "amount": lambda span, facts: facts.amount_fen is not None and span.contains(facts.amount_fen),
    "order_number": _order_number,
    "months_in_a_row": _months_in_a_row,
    "first_of_its_kind": lambda _, facts: facts.first_of_kind,
    "attribute": lambda tests, facts: all(
        test.holds(facts.attributes.get(name)) for name, test in tests.items()
    ),
    "segment": lambda segments, facts: not facts.segments.isdisjoint(segments),
    "community": lambda communities, facts: facts.community in communities,
    "consent": lambda consents, facts: facts.consents.issuperset(consents),
}
"""How each condition is answered, by its name: (what is wanted, the facts) → whether it holds."""
