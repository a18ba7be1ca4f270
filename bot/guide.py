"""帮助, and the answers to messages without a known word: a reward that was named, or help that differs from the last."""

from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from bot.reward_names import lead_to_reward
from loyalty.shown.rows import last_shown

SHORT_HELP = Answer(
    "没太明白～发下面任意一个词，或点菜单：\n签到 · 补签 · 积分 · 明细 · 为什么\n等级 · 任务 · 投票 · 加速包 · 抽奖\n"
    "兑换 · 我的兑换 · 邀请 · 规则 · 帮助"
)
AGAIN = Answer(
    "还是没看懂，试试这样说：\n「签到」领今天的积分\n「积分」看余额和到期\n「兑换」看能换的礼品\n「帮助」看全部，「客服」找人工"
)
HELP_SUBJECT: Final = "help"

FULL_HELP = Answer(
    "签到：每天一次，连续签到有奖励\n"
    "补签：漏签了可以补；「补签 26」补 26 号的\n"
    "积分：余额和快到期的积分\n"
    "延期：快到期的积分可以延一次\n"
    "明细：最近的每一笔\n"
    "为什么：最近一笔的由来；「为什么 2」问再前一笔\n"
    "等级：你的等级和下一级\n"
    "展示称号 / 隐藏称号：别人看不看得到你的称号\n"
    "任务：有哪些任务，做到哪一步\n"
    "投票：看投票和结果；「投票 1 2」投第 1 个的第 2 项\n"
    "加速包：有哪些；「加速包 1」领第 1 个\n"
    "建议：「建议 早点开门」告诉我们\n"
    "抽奖：抽一次，公示概率\n"
    "兑换：能换什么；「兑换 2」换第 2 个\n"
    "我的兑换：券码和有效期\n"
    "邀请：你的专属二维码\n"
    "规则：完整的积分规则\n"
    "申诉：账户被冻结时看原因；「申诉 」加上说明，有人答复\n"
    "我的数据：我们存了什么，怎么导出\n"
    "注销：删除你的个人信息\n"
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


async def tell(chat: Chat) -> Answer:
    """The sentence that the router found for a message."""
    return Answer(chat.argument)


async def unknown(chat: Chat) -> Answer:
    """Lead to the reward that was named, by its name or number; otherwise help, never the same twice in a row."""
    lead = await lead_to_reward(chat, chat.argument)
    if lead is not None:
        return lead
    variants = (SHORT_HELP, AGAIN, FULL_HELP)
    last = await last_shown(chat.resources.pool, chat.member_id, HELP_SUBJECT)
    place = (int(last) + 1) % len(variants) if last else 0
    await chat.note_shown({HELP_SUBJECT: str(place)})
    return variants[place]
