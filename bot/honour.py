"""展示称号 and 隐藏称号: whether others see the title and the badge of the member's tier."""

from bot.answers import Answer
from bot.chat import Chat
from loyalty.members.profile import show_title
from loyalty.tiers.views import tier_now
from loyalty.tiers.words import honour_text

HIDDEN = Answer("别人看不到你的称号了。\n想再展示时发「展示称号」。")
NO_TITLE = Answer("现在的等级还没有称号，有了以后会展示给别人看。\n不想展示时发「隐藏称号」。")


async def show(chat: Chat) -> Answer:
    """Others may see the title."""
    await show_title(chat.member_id, shown=True)
    honour = honour_text(await tier_now(chat.member_id, chat.live))
    return shown_answer(honour) if honour else NO_TITLE


async def hide(chat: Chat) -> Answer:
    """Others may not see the title."""
    await show_title(chat.member_id, shown=False)
    return HIDDEN


def shown_answer(honour: str) -> Answer:
    """The answer to a member whose title others see from now on."""
    return Answer(f"你的称号「{honour}」会在中奖名单里展示给别人看。\n不想展示时发「隐藏称号」。")
