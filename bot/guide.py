"""帮助, and the answers to messages without a known word: a reward that was named, or help that differs from the last."""

from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from bot.help_lines import full_help, short_help
from bot.reward_names import lead_to_reward
from loyalty.shown.rows import last_shown

AGAIN = Answer(
    "还是没看懂，试试这样说：\n「签到」领今天的积分\n「积分」看余额和到期\n「兑换」看能换的礼品\n「帮助」看全部，「客服」找人工"
)
HELP_SUBJECT: Final = "help"

HANDED_OVER = Answer("刚才没能转接人工客服，请再发一次「人工」。", hands_over=True)
"""The text is for a late reply, which cannot hand over."""


async def show_help(chat: Chat) -> Answer:
    """All words with what they do."""
    return full_help(chat.live.rules)


async def human(chat: Chat) -> Answer:
    """The operator's own sentence, or the hand-over to human agents."""
    sentence = chat.live.rules.programme.customer_service
    return HANDED_OVER if sentence is None else Answer(sentence)


async def tell(chat: Chat) -> Answer:
    """The sentence that the router found for a message."""
    return Answer(chat.argument)


async def unknown(chat: Chat) -> Answer:
    """Lead to the reward that was named, by its name or number; otherwise help, never the same twice in a row."""
    lead = await lead_to_reward(chat, chat.argument)
    if lead is not None:
        return lead
    rules = chat.live.rules
    variants = (short_help(rules), AGAIN, full_help(rules))
    last = await last_shown(chat.resources.pool, chat.member_id, HELP_SUBJECT)
    place = (int(last) + 1) % len(variants) if last else 0
    await chat.note_shown({HELP_SUBJECT: str(place)})
    return variants[place]
