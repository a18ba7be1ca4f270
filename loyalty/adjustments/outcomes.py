"""The outcomes of what operators do to an account."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result


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
