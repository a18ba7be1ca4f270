"""The rule of a reward: its price, the number of pieces, and for how long its voucher is valid."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, PlainSerializer, PlainValidator, model_validator

from loyalty.ledger.ids import Id
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, LOWER_IS_BETTER, NEUTRAL, UNKNOWN, Better
from loyalty.programme.declaring.faults import Fault, items, refuse
from loyalty.programme.declaring.pictures import Picture
from loyalty.programme.declaring.sections import Pieces, Points, Rule, Terms, Title
from loyalty.programme.declaring.texts import shown


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) == len("2026-12-05"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            refuse([Fault((), f"没有这个日期：{shown(value)}")])
    refuse([Fault((), f"要写成年-月-日，如 2026-12-05，现在写的是 {shown(str(value))}")])
    raise AssertionError


Day = Annotated[date, PlainValidator(_day), PlainSerializer(date.isoformat)]
"""A day of the programme, written as `2026-12-05`."""


def reward_pool(reward: str) -> str:
    """The name of the pool of a limited reward."""
    return f"reward:{reward}"


def shown_subject(reward: str) -> str:
    """The name under which `shown` keeps the price of a reward."""
    return f"reward:{reward}"


class OldPoints(Rule):
    """A transition: points that were earned before the day `earned_before` pay the old price until the day `until`."""

    earned_before: Annotated[Day, HIGHER_IS_BETTER] = Field(
        title="哪天以前的积分", description="在这一天以前得到的积分算老积分，写成 2026-12-05。"
    )
    price_points: Annotated[Points, Field(ge=1), LOWER_IS_BETTER] = Field(
        title="老积分价", description="全用老积分兑换时，一份要多少积分。"
    )
    until: Annotated[Day, HIGHER_IS_BETTER] = Field(
        title="到哪天为止", description="从这一天起老积分也按现在的价格，写成 2027-02-01。"
    )

    @model_validator(mode="after")
    def _days_rise(self) -> Self:
        if self.until <= self.earned_before:
            refuse([Fault(("until",), "要晚于 earned_before")])
        return self


class Reward(Rule):
    """A reward that points can be exchanged for. `stock` null means unlimited; the voucher is valid for `valid_days`.

    Members may cancel an unused voucher for `cancel_hours`; 0: never.
    """

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改，也不要给别的礼品用。"
    )
    name: Annotated[Title, UNKNOWN] = Field(title="名称", description="会员看到的名称。")
    picture: Annotated[Picture | None, NEUTRAL] = Field(
        default=None, title="图片", description="礼品的图片网址，正方形；不写就没有图片。"
    )
    kind: Annotated[Literal["voucher"], UNKNOWN] = Field(title="种类", description="voucher：到店出示的券。")
    price_points: Annotated[Points, Field(ge=1), LOWER_IS_BETTER] = Field(
        title="价格", description="兑换一份要多少积分。"
    )
    stock: Annotated[Pieces | None, Better("higher", null="best")] = Field(
        default=None, title="库存", description="总共多少份，已经领走的也算在内；不写就是不限量。"
    )
    valid_days: Annotated[int, Field(ge=1, le=3660), HIGHER_IS_BETTER] = Field(
        default=90, title="有效天数", description="券从兑换那天起多少天内有效。"
    )
    terms: Annotated[Terms, UNKNOWN] = Field(
        default="", title="使用说明", description="写在券上，告诉会员怎么用。"
    )
    cancel_hours: Annotated[int, Field(ge=0, le=8784), HIGHER_IS_BETTER] = Field(
        default=24,
        title="可取消小时数",
        description="兑换后多少小时内，没用过的券可以取消、退回积分；0 表示不能取消。",
    )
    tiers: Annotated[tuple[Id, ...], items(20), UNKNOWN] = Field(
        default=(), title="限哪些等级", description="只有这些等级的会员能兑换，写等级的编号；不写就不限。"
    )
    cost_fen: Annotated[int | None, Field(ge=0, le=100_000_000), NEUTRAL] = Field(
        default=None,
        title="成本",
        description="一份的成本是多少分钱（1 元写 100），只用来算经营数据，会员看不到。",
    )
    old_points: Annotated[OldPoints | None, Better("higher", null="worst")] = Field(
        default=None,
        title="过渡期",
        description="涨价以后，老积分在一段时间里还按原价兑换；不写就没有过渡期。发布时写 --transition-until 会自动填上。",
    )

    @model_validator(mode="after")
    def _old_price_is_lower(self) -> Self:
        if self.old_points is not None and self.old_points.price_points >= self.price_points:
            refuse([Fault(("old_points", "price_points"), f"要比现在的价格 {self.price_points:,} 低")])
        return self

    def with_transition(self, before: "Reward", earned_before: date, until: date) -> "Reward":
        """This reward with the lower price of `before` for older points, if it has become dearer and names no transition itself."""
        if self.old_points is not None or before.price_points >= self.price_points:
            return self
        old = OldPoints(earned_before=earned_before, price_points=before.price_points, until=until)
        return self.model_copy(update={"old_points": old})
