"""Change: points have arrived, gone back or been used, or a voucher was used. The payload has what the receipt says."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from channels.notices.kind import Attempt, Content, NoticeKind, Templates, useful_for
from loyalty.ledger.words import number, yuan
from loyalty.programme.rules import RuleSet

USEFUL_FOR: Final = timedelta(days=3)
"""How long after the change a member who comes back should still hear of it."""
Facts = Mapping[str, Any]


async def read(attempt: Attempt) -> Content:
    """The words for the change, with the balance after it."""
    return content(attempt.notice.payload)


def content(facts: Facts) -> Content:
    """The words for a change. Raises KeyError for one that this version does not know."""
    text, tip = CHANGES[facts["change"]](facts)
    return Content(f"{text}当前积分 {number(facts['balance'])}。", facts["points"], tip)


def _award(facts: Facts) -> tuple[str, str]:
    points, pending = facts["points"], facts["pending"]
    text = f"{facts['name']}得到 {number(points)} 积分"
    if pending == points:
        return f"{text}，过几天到账。", "积分过几天到账"
    if pending:
        return f"{text}，其中 {number(pending)} 分过几天到账。", "积分已到账"
    return f"{text}，已到账。", "积分已到账"


def _refund(facts: Facts) -> tuple[str, str]:
    owed = f"，其中 {number(facts['debt'])} 分先欠着，由以后的积分补上" if facts["debt"] else ""
    return f"退款收回 {number(facts['points'])} 积分{owed}。", "退款收回积分"


def _redemption(facts: Facts) -> tuple[str, str]:
    return f"兑换{_named(facts)}，用了 {number(facts['points'])} 积分。", "兑换成功"


def _voucher_used(facts: Facts) -> tuple[str, str]:
    return f"{_named(facts)}已核销。", "券已核销"


def _deduction(facts: Facts) -> tuple[str, str]:
    return f"付款用了 {number(facts['points'])} 积分，抵 {yuan(facts['deduct_fen'])} 元。", "积分抵扣成功"


def _named(facts: Facts) -> str:
    times = f" ×{facts['quantity']}" if facts["quantity"] > 1 else ""
    return f"「{facts['name']}」{times}"


CHANGES: Final[Mapping[str, Callable[[Facts], tuple[str, str]]]] = {
    "award": _award,
    "refund": _refund,
    "redemption": _redemption,
    "voucher_used": _voucher_used,
    "deduction": _deduction,
}


def templates(rules: RuleSet) -> Templates:
    """A subscribe message of the mini-program, and a template message of the official account, where the rule set names them."""
    rule = rules.notices.changes
    return Templates() if rule is None else Templates(subscribe=rule.subscribe, template=rule.template)


CHANGE: Final = NoticeKind("change", read, useful_for(USEFUL_FOR), templates, about="积分到账和使用的通知")
