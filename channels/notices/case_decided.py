"""Case decided: whether the member may spend points again, and why."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from channels.notices.kind import Attempt, Content, NoticeKind, useful_for

USEFUL_FOR: Final = timedelta(days=90)
"""How long after the decision a member who comes back should still hear of it."""


async def read(attempt: Attempt) -> Content:
    """The decision."""
    return content(attempt.notice.payload)


def content(facts: Mapping[str, Any]) -> Content:
    """The words for a decision."""
    if facts["released"]:
        return Content(
            f"核对好了，你又可以花积分了，积分一分不少。\n说明：{facts['reason']}", 0, "又可以花积分了"
        )
    return Content(
        f"核对过了，你的账户仍然不能花积分，得积分照常。\n原因：{facts['reason']}\n有话要说，请发「申诉」加上你的说明。",
        0, "仍然不能花积分",
    )  # fmt: skip


CASE_DECIDED: Final = NoticeKind("case_decided", read, useful_for(USEFUL_FOR))
