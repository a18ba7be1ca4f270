"""Refusals that features share, and those of the engine itself."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal
from loyalty.ledger.words import number


@dataclass(frozen=True)
class NotEnoughPoints(Refusal):
    """The wallet holds fewer spendable points than needed."""

    code = "not_enough_points"
    title = "积分不足"
    public_fields = ("needed", "available")
    stored = True
    needed: int
    available: int

    @property
    def sentence(self) -> str:
        """How many points are missing."""
        return f"需要 {number(self.needed)} 积分，还差 {number(self.needed - self.available)} 积分。"


@dataclass(frozen=True)
class AlreadyDone(Refusal):
    """Another request has already made this fact (`scope`, `ref`) true."""

    code = "already_done"
    title = "已经处理过了"
    as_follow_up = "done"
    scope: str
    ref: str

    sentence = "这件事已经由另一个请求办好了。"


@dataclass(frozen=True)
class AccountClosed(Refusal):
    """The account's status forbids movements."""

    code = "account_closed"
    title = "账户不可用"
    category = "forbidden"
    status: str

    sentence = "账户已停用，如有疑问请联系客服。"


@dataclass(frozen=True)
class SpendingFrozen(Refusal):
    """The account is limited: it earns and books, and spends nothing until somebody has looked at it."""

    code = "spending_frozen"
    title = "暂时不能花积分"
    category = "forbidden"

    sentence = "账户暂时不能花积分，积分一分不少，得积分照常。可以发「申诉」看原因、说明情况。"


@dataclass(frozen=True)
class AccountAhead(Refusal):
    """The account has been booked up to an instant in the future, by a process whose clock ran ahead; see `loyalty.settling`.

    Points granted now would be dated into that future, and might lapse at once.
    """

    code = "account_ahead"
    title = "账户的记账时间不对"

    sentence = "账户的记账时间走到了现在之后，积分没有变化，请联系客服处理。"


@dataclass(frozen=True)
class MemberMerged(Refusal):
    """The member was merged into another, `into`, and the command does not travel."""

    code = "member_merged"
    title = "会员已合并"
    into: int

    sentence = "这个会员已经和另一个合并成一个了，请重新打开页面再试。"


@dataclass(frozen=True)
class UnknownMember(Refusal):
    """There is no such account."""

    code = "unknown_member"
    title = "没有这位会员"
    category = "not_found"
    member_id: int

    sentence = "没有找到这位会员。"


@dataclass(frozen=True)
class RequestKeyReused(Refusal):
    """The request key was used before with other content."""

    code = "idempotency_key_reused"
    title = "这个 Idempotency-Key 已用于另一个请求"
    category = "unprocessable"

    sentence = "同一个 Idempotency-Key 只能重复完全相同的请求，请换一个新的。"


@dataclass(frozen=True)
class NothingDue(Refusal):
    """A job's command found nothing to do for this member."""

    code = "nothing_due"
    title = "没有要办的事"
    as_follow_up = "done"

    sentence = "现在没有需要处理的内容。"


SHARED_REFUSALS: tuple[type[Refusal], ...] = (
    NotEnoughPoints,
    AlreadyDone,
    AccountClosed,
    SpendingFrozen,
    AccountAhead,
    MemberMerged,
    UnknownMember,
    RequestKeyReused,
    NothingDue,
)
