"""Case opened: why the member cannot spend points for now, and what they can do."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from channels.notices.kind import Attempt, Content, NoticeKind, NotNeeded, useful_for
from loyalty.cases.views import case_of
from loyalty.cases.words import cause_text

USEFUL_FOR: Final = timedelta(days=30)
"""How long after it a member who comes back should still hear of it, if it is open."""


async def read(attempt: Attempt) -> Content | NotNeeded:
    """Why, unless somebody has decided meanwhile."""
    case = await case_of(attempt.pool, attempt.notice.id.member_id, int(attempt.notice.id.key))
    if case is not None and case.state != "open":
        return NotNeeded("case_decided")
    return content(attempt.notice.payload)


def content(facts: Mapping[str, Any]) -> Content:
    """The words for a case."""
    cause = cause_text(facts["cause"], facts["found"], facts["bound"])
    return Content(
        f"为了防止积分被盗用，你的账户暂停花积分，等工作人员核对。\n原因：{cause}。\n"
        "积分一分不少，签到和得积分照常。是你本人花的，请发「申诉」加上你的说明，例如「申诉 是我本人换的礼物」。",
        0, "暂停花积分，等核对",
    )  # fmt: skip


CASE_OPENED: Final = NoticeKind("case_opened", read, useful_for(USEFUL_FOR))
