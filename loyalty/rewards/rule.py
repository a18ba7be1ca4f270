"""The rule of a reward: its price, the number of pieces, and for how long its voucher is valid."""

from typing import Annotated, Literal

from pydantic import Field

from loyalty.ledger.ids import Id
from loyalty.programme.better import HIGHER_IS_BETTER, LOWER_IS_BETTER, NEUTRAL, UNKNOWN, Better
from loyalty.programme.faults import items
from loyalty.programme.sections import Pieces, Points, Rule, Terms, Title


def reward_pool(reward: str) -> str:
    """The name of the pool of a limited reward."""
    return f"reward:{reward}"


def shown_subject(reward: str) -> str:
    """The name under which `shown` keeps the price of a reward."""
    return f"reward:{reward}"


class Reward(Rule):
    """A reward that points can be exchanged for. `stock` null means unlimited; the voucher is valid for `valid_days`.

    Members may cancel an unused voucher for `cancel_hours`; 0: never.
    """

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改，也不要给别的礼品用。"
    )
    name: Annotated[Title, UNKNOWN] = Field(title="名称", description="会员看到的名称。")
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
