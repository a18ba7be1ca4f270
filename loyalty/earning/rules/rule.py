"""The sections of the rule set that say what earns what: `stores`, `events`, `earning` and `stacking`."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from loyalty.earning.rules.conditions import Condition, Label
from loyalty.earning.rules.facts import Facts
from loyalty.earning.rules.favour import losses_of
from loyalty.earning.rules.values import (
    Factor,
    Fen,
    PendingDays,
    Sparse,
    StoreId,
    Times,
    fraction,
)
from loyalty.ledger.ids import Id
from loyalty.programme.declaring.better import (
    HIGHER_IS_BETTER,
    LOWER_IS_BETTER,
    NEUTRAL,
    TOGETHER,
    UNKNOWN,
    Better,
)
from loyalty.programme.declaring.faults import Fault, items, refuse
from loyalty.programme.declaring.lapse import Expiry
from loyalty.programme.declaring.sections import Points, Rule, Title
from loyalty.programme.declaring.windows import Windowed

Need = Literal["required", "optional", "none"]
MORE_OR_ALL: Final = Better("higher", null="best")


class Store(Sparse):
    """A shop: partners name it by its id, members see its name."""

    id: Annotated[StoreId, NEUTRAL] = Field(
        title="编号", description="小写字母、数字、下划线和连字符，如 sh-01；和收银系统里的一致。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的店名。")
    region: Annotated[Title | None, UNKNOWN] = Field(
        default=None, title="区域", description="属于哪个区域，如 华东；不写就没有。"
    )


class AttributeType(Rule):
    """An attribute of an event: its type, and what members read for it. A file may write the type alone, as `minutes: integer`."""

    type: Annotated[Literal["integer", "text", "boolean"], UNKNOWN] = Field(
        title="类型", description="integer 整数，text 文字，boolean 是或否。"
    )
    name: Annotated[Title | None, NEUTRAL] = Field(
        default=None, title="名称", description="会员看到的名称，如 运动分钟数；规则用到这个属性时要写。"
    )
    values: Annotated[dict[Label, Title], items(200), NEUTRAL] = Field(
        default={},
        title="值的名称",
        description="文字的值和会员看到的名称，如 {latte: 拿铁}；值是中文的不用写。",
    )

    @model_validator(mode="before")
    @classmethod
    def _type_alone(cls, value: object) -> object:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _names_texts(self) -> Self:
        if self.values and self.type != "text":
            refuse([Fault(("values",), "只有类型是 text 的属性才写")])
        return self

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> Any:
        return handler(self) if self.name is not None or self.values else self.type


class EventType(Rule):
    """A kind of event that may be reported: an event of another kind is refused."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="上报时写的种类，如 purchase；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的名称，如 消费。")
    amount: Annotated[Need, UNKNOWN] = Field(
        default="none", title="金额", description="required 必须带金额，optional 可带可不带，none 不能带。"
    )
    order: Annotated[Literal["required", "optional", "none", "own"], UNKNOWN] = Field(
        default="none",
        title="订单",
        description="required 必须带订单号，optional 可带可不带，none 不能带，own 必须带会员自己付过款的订单的号，如评价。",
    )
    attributes: Annotated[dict[Id, AttributeType], items(20), UNKNOWN] = Field(
        default={},
        title="属性",
        description="还可以带哪些属性。只写类型的写成 minutes: integer；规则用到的，连名称一起写成 "
        "minutes: {type: integer, name: 运动分钟数}。",
    )


class Award(Sparse):
    """The points of one event: `points` flat, or `points` for every `per_fen` of the amount."""

    points: Annotated[Points, Field(ge=1), HIGHER_IS_BETTER] = Field(
        title="积分", description="一次得多少积分；写了 per_fen 就是每满那么多钱得多少。"
    )
    per_fen: Annotated[Annotated[Fen, Field(ge=1)] | None, LOWER_IS_BETTER] = Field(
        default=None,
        title="每多少钱",
        description="按金额给：每多少分钱给一次积分，1 元写 100；整单只取整一次，舍去小数。",
    )

    @property
    def flat(self) -> int:
        """The points that do not depend on the amount."""
        return self.points if self.per_fen is None else 0

    @cached_property
    def rate(self) -> Fraction:
        """The points per fen."""
        return Fraction(self.points, self.per_fen) if self.per_fen else Fraction(0)


class Limit(Sparse):
    """How often or how much a rule gives one member within a day, a week, a month, a year, an order, or ever."""

    per: Literal["day", "week", "month", "year", "order", "ever"] = Field(
        title="周期",
        description="day 每天，week 每周（周一起），month 每月，year 每年，order 每笔订单，ever 总共。",
    )
    times: Times | None = Field(default=None, title="次数", description="最多给几次。")
    points: Annotated[Points, Field(ge=1)] | None = Field(
        default=None, title="积分", description="最多给多少积分，超过的部分不给。"
    )
    tier: Annotated[tuple[Id, ...], Field(min_length=1), items(50)] | None = Field(
        default=None, title="等级", description="只限制这些等级；不写就限制所有会员。"
    )
    of: Id | None = Field(
        default=None,
        title="分别计算",
        description="按事件的这个属性分别算，如每份问卷各一次，写 survey；不写就合起来算。",
    )

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.times is None and self.points is None:
            refuse([Fault((), "times 和 points 至少写一项")])
        return self

    def concerns(self, tier: str) -> bool:
        """Whether a member of this tier is limited."""
        return self.tier is None or tier in self.tier


class Budget(Sparse):
    """How many points a rule gives to all members together; an award that does not fit in is not given."""

    per_day: Annotated[Annotated[int, Field(ge=1, le=10**12)] | None, MORE_OR_ALL] = Field(
        default=None, title="每天", description="每天一共最多给多少积分。"
    )
    per_month: Annotated[Annotated[int, Field(ge=1, le=10**12)] | None, MORE_OR_ALL] = Field(
        default=None, title="每月", description="每个自然月一共最多给多少积分。"
    )
    total: Annotated[Annotated[int, Field(ge=1, le=10**12)] | None, MORE_OR_ALL] = Field(
        default=None, title="总共", description="一共最多给多少积分。"
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.per_day is None and self.per_month is None and self.total is None:
            refuse([Fault((), "per_day、per_month、total 至少写一项")])
        return self


Growth = Annotated[
    Annotated[Literal["same", "none"], Tag("word")] | Annotated[Award, Tag("award")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "award"),
]
"""The growth value that an award brings: as many as its points, none, or an award of its own."""


class _EarningItems(Sparse):
    """The items of an earning rule, but for its window."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的名称，如 消费返积分。")
    on: Annotated[Id, UNKNOWN] = Field(title="事件", description="哪种事件，写 events 里的编号。")
    when: Annotated[tuple[Condition, ...], items(20), TOGETHER] = Field(
        default=(), title="条件", description="要同时满足的条件，一条一项；不写就没有条件。"
    )
    award: Annotated[Award | None, UNKNOWN] = Field(
        default=None, title="奖励", description="得多少积分；和 multiply 写一项。"
    )
    multiply: Annotated[Factor | None, TOGETHER] = Field(
        default=None,
        title="倍数",
        description='同一事件其他规则的积分乘以几：2 到 10 的整数，或加引号的小数，如 "1.5"。',
    )
    pending_days: Annotated[PendingDays, TOGETHER] = Field(
        default=0,
        title="待到账天数",
        description="过几天才能用，0 是马上到账；可以按等级写，如 {default: 7, gold: 0}。",
    )
    expiry: Annotated[Expiry | None, UNKNOWN] = Field(
        default=None, title="有效期", description="这条规则的积分多久失效；不写就按计划的有效期。"
    )
    limit: Annotated[tuple[Limit, ...], items(20), TOGETHER] = Field(
        default=(), title="上限", description="每位会员在一段时间里最多得几次、多少积分；超过的部分不给。"
    )
    budget: Annotated[Budget | None, MORE_OR_ALL] = Field(
        default=None, title="预算", description="全体会员一共最多给多少积分；不写就没有限制。"
    )
    growth: Annotated[Growth, TOGETHER] = Field(
        default="same",
        title="成长值",
        description="same 和积分一样多，none 不涨，或另写 points 和 per_fen。",
    )


class EarningRule(Windowed, _EarningItems):
    """What an event earns: an `award` of its own, or a factor that multiplies the awards of others."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.award is None) == (self.multiply is None):
            refuse([Fault((), "award（奖励）和 multiply（倍数）要写一项，也只能写一项")])
        refuse(self.window_faults())
        if self.multiply is not None:
            refuse([
                Fault((key,), "只有写了 award 的规则才写这一项；翻倍的积分和原来的积分一起到账、一起失效")
                for key, written in (
                    ("pending_days", self.pending_days != 0),
                    ("expiry", self.expiry is not None),
                    ("growth", self.growth != "same"),
                )
                if written
            ])  # fmt: skip
        return self

    @cached_property
    def by_position(self) -> bool:
        """Whether it rewards a position among a member's orders, such as the fifth, which pays once."""
        return any(one.order_number is not None and one.order_number.pays_once for one in self.when)

    @cached_property
    def factor(self) -> Fraction:
        """The factor of a rule that multiplies; 1 for others."""
        return fraction(self.multiply) if self.multiply is not None else Fraction(1)

    def applies(self, facts: Facts) -> bool:
        """Whether the rule is for this event, at this time, under these conditions."""
        return (
            self.on == facts.kind
            and self.holds_at(facts.at.replace(tzinfo=None))
            and all(condition.holds(facts) for condition in self.when)
        )

    def losses(self, before: Self) -> Iterator[Fault]:
        """What got worse in the items that can only be judged together."""
        yield from losses_of(before, self)

    def pending_for(self, tier: str) -> int:
        """The days until a member of this tier can spend the points."""
        if isinstance(self.pending_days, Mapping):
            return self.pending_days.get(tier, self.pending_days["default"])
        return self.pending_days


class Stacking(Rule):
    """How several factors for one event go together: the best one, or their product, and never more than `cap`."""

    multipliers: Annotated[Literal["best", "product"], UNKNOWN] = Field(
        default="best",
        title="几个倍数一起时",
        description="best 只取最大的一个，product 相乘。",
    )
    cap: Annotated[int, Field(ge=1, le=100), HIGHER_IS_BETTER] = Field(
        default=10, title="封顶", description="一次最多是原来的几倍。"
    )
