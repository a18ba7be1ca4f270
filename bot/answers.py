"""The answers that a handler may give, and the sentences that several topics share."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import (
    AccountAhead,
    AccountClosed,
    NotEnoughPoints,
    RequestKeyReused,
    SpendingFrozen,
    UnknownMember,
)
from loyalty.ledger.words import number
from loyalty.rewards.outcomes import OutOfStock
from wechat.replies import Article


@dataclass(frozen=True)
class Answer:
    """A Chinese text. Where there is an `article` the chat shows it instead; a customer-service message carries the text.

    `hands_over`: instead of the text WeChat hands the chat to human agents, which only the reply to a push can ask for.
    """

    text: str
    article: Article | None = None
    hands_over: bool = False


APOLOGY = Answer("系统开小差了，请过一会儿再发一次。已经办好的不会重复办理。")
BUSY = Answer("现在人有点多，这次没办成，积分没有变化。\n请过一会儿再发一次。")
NOT_OPEN = Answer("积分活动还没有开始，请过几天再来看看。")


def points_left(balance: int) -> str:
    """`当前积分 1,340。`"""
    return f"当前积分 {number(balance)}。"


def not_enough_text(what: str, refusal: NotEnoughPoints) -> str:
    """`积分不够：<what>要 200 分，现有 100 分，还差 100 分。` and how to get more."""
    missing = refusal.needed - refusal.available
    return (
        f"积分不够：{what}要 {number(refusal.needed)} 分，现有 {number(refusal.available)} 分，"
        f"还差 {number(missing)} 分。\n每天发「签到」可以攒积分。"
    )


def refusal_text(refusal: Outcome) -> str:
    """The reply to a refusal that its topic has no sentence for."""
    match refusal:
        case OutOfStock(name=name, left=left) if left:
            return f"「{name}」只剩 {number(left)} 份了。\n发「兑换」看看现在的列表。"
        case OutOfStock(name=name):
            return f"「{name}」已经兑完了，积分没有变化。\n发「兑换」看看还有什么。"
        case SpendingFrozen():
            return (
                "你的账户暂时不能花积分，积分一分不少，签到和得积分照常。\n发「申诉」看原因，也可以说明情况。"
            )
        case AccountClosed(status="frozen"):
            return "你的积分账户已冻结，积分没有变化。\n发「申诉」看原因，也可以说明情况。"
        case AccountClosed():
            return "你的积分账户已停用，如有疑问请联系客服。"
        case AccountAhead():
            return "你的积分账户时间有误，这次没办成，积分没有变化，请联系客服处理。"
        case UnknownMember():
            return "没有找到你的积分账户，请联系客服。"
        case RequestKeyReused():
            return "这条已经处理过了。\n发「明细」可以看到结果。"
    return "暂时办不了，积分没有变化。\n发「帮助」看看可以做什么。"
