"""The outcomes of using a voucher."""

from dataclasses import dataclass
from datetime import date, datetime

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import last_day_text

_NOT_USABLE = {
    "used": "这张券已经用过了，不能再用。",
    "cancelled": "这笔兑换已经取消，积分已退回，券不能再用。",
}


@dataclass(frozen=True)
class VoucherUsed(Result):
    """A voucher was used by the clerk `by`: hand out `quantity` of what is called `name`, under its `terms`."""

    code = "voucher_used"
    moves_points = False
    receipt_no: int
    line: int
    name: str
    quantity: int
    terms: str
    by: str
    store: str | None


@dataclass(frozen=True)
class VoucherNotUsable(Refusal):
    """The voucher is used, cancelled or expired. A used one says when (`closed_at`), by whom and where."""

    code = "voucher_not_usable"
    title = "这张券不能使用"
    public_fields = ("state",)
    state: str
    name: str
    expires_on: date
    closed_at: datetime | None = None
    used_by: str | None = None
    store: str | None = None

    @property
    def sentence(self) -> str:
        """The reason, by the voucher's state."""
        expired = f"这张券已经过期，最后可用日是 {last_day_text(self.expires_on)}。"
        return _NOT_USABLE.get(self.state, expired)


@dataclass(frozen=True)
class VoucherCodeExpired(Refusal):
    """The code that changes every 30 seconds is of an earlier step, such as a screenshot, or was never right."""

    code = "voucher_code_expired"
    title = "券码已过期"
    category = "unprocessable"

    sentence = "这个码已过期或有误，请会员刷新后再出示。"


@dataclass(frozen=True)
class UnknownVoucher(Refusal):
    """No voucher has this code, or the member has no such redemption."""

    code = "unknown_voucher"
    title = "没有这张券"
    category = "not_found"
    voucher: str

    sentence = "没有这张券，请核对券码。"
