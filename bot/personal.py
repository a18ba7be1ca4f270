"""我的数据: what is kept of the member, and where they get the copy of it, withdraw consents and ask to be erased."""

from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from loyalty.personal.limit import MOST_A_DAY
from loyalty.personal.sections import SECTIONS

HOW: Final = (
    f"要一份完整的：打开小程序，「我的」→「资料」→「个人信息」→「导出」，每天最多 {MOST_A_DAY} 次。\n"
    "不想再收提醒，发「退订提醒」；要全部删除，发「注销」。"
)
TEXT: Final = f"关于你，我们存着这些：{'、'.join(one.title for one in SECTIONS)}。\n{HOW}"


async def my_data(_chat: Chat) -> Answer:
    """The same for everybody: the chat is no place for a document, and shows none of it to who holds the phone for a moment."""
    return Answer(TEXT)
