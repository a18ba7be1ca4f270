"""The rule of paying with points: the rate, and the most that an order takes."""

from typing import Annotated

from pydantic import Field

from loyalty.programme.declaring.better import HIGHER_IS_BETTER, LOWER_IS_BETTER, Better
from loyalty.programme.declaring.faults import at_most
from loyalty.programme.declaring.sections import Points, Rule

MOST_FEN = 100_000_000_000
"""The dearest order, in fen, for which points can be set aside."""


class DeductionRule(Rule):
    """`points_per_yuan` points pay one yuan of an order. All amounts of money are in fen and rounded down."""

    points_per_yuan: Annotated[int, Field(ge=1), at_most(1_000_000), LOWER_IS_BETTER] = Field(
        title="抵现比例", description="多少积分抵 1 元，如 100。"
    )
    most_percent: Annotated[int, Field(ge=1, le=100), HIGHER_IS_BETTER] = Field(
        default=50, title="最多抵几成", description="一笔订单最多用积分抵掉金额的百分之几，1 到 100。"
    )
    most_points: Annotated[Annotated[Points, Field(ge=1)] | None, Better("higher", null="best")] = Field(
        default=None, title="每单积分上限", description="一笔订单最多用多少积分；不写就不另设上限。"
    )
    smallest_fen: Annotated[int, Field(ge=1, le=MOST_FEN), LOWER_IS_BETTER] = Field(
        default=1, title="最低订单金额", description="订单满多少分钱才能用积分（1 元写 100）。"
    )
    hold_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60), HIGHER_IS_BETTER] = Field(
        default=15,
        title="保留分钟数",
        description="收银台为订单扣住积分后，多少分钟内要确认收款；过时自动退回给会员。",
    )

    def fen_of(self, points: int) -> int:
        """The money that points pay."""
        return fen_of(points, self.points_per_yuan)

    def points_of(self, fen: int) -> int:
        """The fewest points that pay `fen`."""
        return -(-fen * self.points_per_yuan // 100)

    def most_for(self, amount_fen: int) -> int:
        """The most points that an order of `amount_fen` takes, none of them for nothing; 0 for an order that is too small."""
        if amount_fen < self.smallest_fen:
            return 0
        by_share = amount_fen * self.most_percent // 100 * self.points_per_yuan // 100
        return self.worth(by_share if self.most_points is None else min(by_share, self.most_points))

    def worth(self, points: int) -> int:
        """So many of the points as pay whole fen."""
        return self.points_of(self.fen_of(points))


def fen_of(points: int, points_per_yuan: int) -> int:
    """The money, in fen, that points pay at a rate; what is less than a fen is not paid."""
    return points * 100 // points_per_yuan
