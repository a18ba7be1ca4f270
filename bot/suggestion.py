"""建议: what a member writes to the shop, after the word."""

from typing import Final

from bot.answers import Answer, points_left, refusal_text
from bot.chat import Chat
from bot.mission import finished_text
from loyalty.earning.outcomes import EventRecorded
from loyalty.engine.outcomes import Outcome
from loyalty.ledger.words import number
from loyalty.suggestions import Said, clean_text, suggest

NO_SUGGESTIONS: Final = "现在没有开通建议。\n有事请发「客服」找工作人员。"
HOW: Final = "想对我们说什么？发「建议」加上内容，例如「建议 早上早点开门」。"


async def make(chat: Chat) -> Answer:
    """Keep what was written, or say how to write it."""
    if not chat.argument:
        return Answer(HOW)
    try:
        text = clean_text(chat.argument)
    except ValueError as error:
        return Answer(f"{error}，请改短一点再发。")
    said = Said(chat.member_id, chat.request_key, text, chat.at)
    decision = await suggest(chat.resources.engine, chat.resources.pool, chat.live, said)
    if decision is None:
        return Answer(NO_SUGGESTIONS)
    return Answer(f"{suggestion_text(decision.outcome)}{finished_text(decision.consequences)}")


def suggestion_text(outcome: Outcome) -> str:
    """The reply to a suggestion."""
    match outcome:
        case EventRecorded(points=points) if points:
            waits = "，过几天到账" if outcome.pending else ""
            return f"收到你的建议，谢谢！+{number(points)} 分{waits}。{points_left(outcome.balance)}"
        case EventRecorded():
            return "收到你的建议，谢谢！"
    return refusal_text(outcome)
