"""Appeal answered: what the operator said to the member of a frozen account, and whether it is open again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from channels.notices.kind import Attempt, Content, NoticeKind, useful_for

USEFUL_FOR: Final = timedelta(days=90)
"""How long after the answer a member who comes back should still hear of it."""


async def read(attempt: Attempt) -> Content:
    """The answer."""
    return content(attempt.notice.payload)


def content(facts: Mapping[str, Any]) -> Content:
    """The words for an answer."""
    if facts["released"]:
        return Content(
            f"你的申诉通过了，积分账户已恢复正常。\n答复：{facts['answer']}", 0, "申诉通过，账户已恢复"
        )
    return Content(
        f"你的申诉有答复了，积分账户仍然冻结。\n答复：{facts['answer']}\n还有话要说，可以再发「申诉」加上你的说明。",
        0, "申诉有答复了",
    )  # fmt: skip


APPEAL_ANSWERED: Final = NoticeKind("appeal_answered", read, useful_for(USEFUL_FOR))
