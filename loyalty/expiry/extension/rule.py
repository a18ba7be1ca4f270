"""The rule of putting off the day on which points lapse."""

from typing import Annotated

from pydantic import Field

from loyalty.programme.declaring.better import HIGHER_IS_BETTER, Better
from loyalty.programme.declaring.faults import at_most
from loyalty.programme.declaring.lapse import MOST_DAYS
from loyalty.programme.declaring.sections import Points, Rule


class ExtensionRule(Rule):
    """Within the last `within_days` a member may make the points of one lapse day last `days` longer, once, for `price_points`.

    With `late_days` also points that lapsed fewer days ago come back.
    """

    days: Annotated[int, Field(ge=1), at_most(MOST_DAYS), HIGHER_IS_BETTER] = Field(
        title="延长天数", description="延期后积分多用多少天，从原来的到期日算起。"
    )
    price_points: Annotated[Annotated[Points, Field(ge=1)] | None, Better("lower", null="best")] = Field(
        default=None, title="延期价格", description="延期一次要多少积分；不写就不收积分。"
    )
    within_days: Annotated[int, Field(ge=1), at_most(MOST_DAYS), HIGHER_IS_BETTER] = Field(
        default=30, title="提前天数", description="到期前多少天以内可以延期；1 表示只在最后一天。"
    )
    late_days: Annotated[int, Field(ge=0), at_most(366), HIGHER_IS_BETTER] = Field(
        default=0,
        title="过期补办天数",
        description="积分到期清零后多少天以内还可以补办延期；0 表示过期不能延期。",
    )
