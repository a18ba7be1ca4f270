"""帮助, and the short help that answers every message without a known word."""

from bot.answers import Answer
from bot.chat import Chat

SHORT_HELP = Answer(
    "发下面的词，或点菜单：\n签到 · 补签 · 积分 · 明细\n等级 · 抽奖 · 兑换\n我的兑换 · 邀请 · 规则 · 帮助"
)

FULL_HELP = Answer(
    "签到：每天一次，连续签到有奖励\n"
    "补签：漏签了可以补；「补签 26」补 26 号的\n"
    "积分：余额和快到期的积分\n"
    "明细：最近的每一笔\n"
    "等级：你的等级和下一级\n"
    "抽奖：抽一次，公示概率\n"
    "兑换：能换什么；「兑换 2」换第 2 个\n"
    "我的兑换：券码和有效期\n"
    "邀请：你的专属二维码\n"
    "规则：完整的积分规则\n"
    "人工 / 客服：找工作人员\n"
    "退订提醒 / 恢复提醒：要不要收到期提醒"
)

HANDED_OVER = Answer("刚才没能转接人工客服，请再发一次「人工」。", hands_over=True)
"""The text is for a late reply, which cannot hand over."""


async def show_help(_chat: Chat) -> Answer:
    """All words with what they do."""
    return FULL_HELP


async def human(chat: Chat) -> Answer:
    """The operator's own sentence, or the hand-over to human agents."""
    sentence = chat.live.rules.programme.customer_service
    return HANDED_OVER if sentence is None else Answer(sentence)


async def short_help(_chat: Chat) -> Answer:
    """The words alone."""
    return SHORT_HELP
