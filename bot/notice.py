"""退订提醒 and 恢复提醒: whether the member wants reminders."""

from bot.answers import Answer
from bot.chat import Chat
from loyalty.members.profile import set_opt_out

STOPPED = Answer("已关闭提醒，到期不再通知你。\n想恢复时发「恢复提醒」；积分随时发「积分」查看。")
RESUMED = Answer("已打开提醒，积分快到期时会通知你。\n不想收到时发「退订提醒」。")


async def stop(chat: Chat) -> Answer:
    """No more reminders."""
    await set_opt_out(chat.member_id, opted_out=True)
    return STOPPED


async def resume(chat: Chat) -> Answer:
    """Reminders again."""
    await set_opt_out(chat.member_id, opted_out=False)
    return RESUMED
