"""The outcomes of what operators do to an account."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import number


@dataclass(frozen=True)
class PointsAdjusted(Result):
    """`points` came, or went if negative; `owed` of them the member did not have. `debt` is what they owe now."""

    code = "points_adjusted"
    points: int
    owed: int
    balance: int
    debt: int
    reason: str
    by: str


@dataclass(frozen=True)
class AccountFrozen(Result):
    """The account is frozen."""

    code = "account_frozen"
    moves_points = False
    reason: str
    by: str


@dataclass(frozen=True)
class AccountThawed(Result):
    """The account is open again."""

    code = "account_thawed"
    moves_points = False
    reason: str
    by: str


@dataclass(frozen=True)
class AlreadyFrozen(Refusal):
    """The account is frozen already."""

    code = "already_frozen"
    title = "已经冻结"

    sentence = "这个账户已经冻结了。"


@dataclass(frozen=True)
class NotFrozen(Refusal):
    """The account is open, so there is nothing to thaw."""

    code = "not_frozen"
    title = "没有冻结"

    sentence = "这个账户没有冻结，不用解冻。"


@dataclass(frozen=True)
class AboveLimit(Refusal):
    """The person may move `limit` points for a member within a day, and has moved `moved` of them."""

    code = "above_limit"
    title = "超过限额"
    points: int
    limit: int
    moved: int

    @property
    def sentence(self) -> str:
        """The limit, and that a second person is needed."""
        moved = f"，今天已经调整了 {number(self.moved)} 分" if self.moved else ""
        return f"一个人一天给一位会员最多调整 {number(self.limit)} 分{moved}，超过的要第二个人批准。"
