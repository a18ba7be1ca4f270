"""注销: what it means, 注销 确认 to ask for it, 注销 取消 to take that back. An operator carries it out."""

from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from loyalty.erasing.requests import ask, asked_at, take_back

MEANS: Final = (
    "注销后，你的昵称、手机号、微信身份、生日、订阅，还有你写过的申诉和建议都会删除，不能恢复；"
    "剩下的积分和没用的券一起作废。\n确定要注销，请发「注销 确认」。"
)
TAKEN: Final = "注销申请已收到，工作人员会在 15 个工作日内办理。\n反悔了，请发「注销 取消」。"
WAITS: Final = "你的注销申请正在等工作人员办理。\n反悔了，请发「注销 取消」。"
TAKEN_BACK: Final = "注销申请已取消，积分和券照常使用。"
NOT_ASKED: Final = "你没有申请过注销，积分和券照常使用。"


async def erasure(chat: Chat) -> Answer:
    """Explain, take the request, or take it back."""
    pool, member_id = chat.resources.pool, chat.member_id
    match chat.argument:
        case "确认":
            await ask(pool, member_id, chat.now)
            return Answer(TAKEN)
        case "取消":
            return Answer(TAKEN_BACK if await take_back(pool, member_id) else NOT_ASKED)
    return Answer(MEANS if await asked_at(pool, member_id) is None else WAITS)
