"""The outcomes of erasing a member."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import number


@dataclass(frozen=True)
class MemberErased(Result):
    """The member is erased. `points` and `vouchers` were given up; so many `halves` had been merged into them."""

    code = "member_erased"
    moves_points = False  # a member without points has none to give up
    points: int
    vouchers: int
    halves: int
    reason: str
    by: str


@dataclass(frozen=True)
class AlreadyErased(Refusal):
    """The member was erased, and nothing of them is left."""

    code = "already_erased"
    title = "已经删除"

    sentence = "这位会员的个人信息已经删除了。"


@dataclass(frozen=True)
class SomethingHeld(Refusal):
    """So many points are set aside for an order that a till has not finished."""

    code = "something_held"
    title = "有订单在用积分"
    points: int

    @property
    def sentence(self) -> str:
        """How many, and what to do."""
        return f"有 {number(self.points)} 分正扣着等收银台收款，收款或退回以后再删除。"


@dataclass(frozen=True)
class MergeUnderWay(Refusal):
    """What another member had is on its way to this one, or back."""

    code = "merge_under_way"
    title = "合并还没有办完"

    sentence = "这位会员的合并还没有办完，请过几分钟再删除。"


@dataclass(frozen=True)
class SomethingLeft(Refusal):
    """The member has points or unused vouchers, and nobody has said that they give them up."""

    code = "something_left"
    title = "还有积分或券"
    points: int
    vouchers: int

    @property
    def sentence(self) -> str:
        """What is left, and what to do."""
        points = f"{number(self.points)} 积分" if self.points else ""
        vouchers = f"{number(self.vouchers)} 张没用的券" if self.vouchers else ""
        return f"这位会员还有{'和'.join(one for one in (points, vouchers) if one)}，删除后一起作废；确认会员放弃以后再删除。"
