"""Rule change: rules that make something worse will take effect. The notice says from when on, what, and why."""

from datetime import date, datetime, timedelta
from typing import Final

from channels.notices.kind import Attempt, Content, NoticeKind, NotNeeded
from loyalty.ledger.words import day_text
from loyalty.programme.comparing.favour import plain_losses
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.publishing.history import Version, version_of

USEFUL_FOR: Final = timedelta(days=30)
"""How long after the change a member who comes back should still hear of it."""
MOST_LINES: Final = 3


async def read(attempt: Attempt) -> Content | NotNeeded:
    """The losses of members by the version; not needed if it was withdrawn. Raises LookupError for an unknown version."""
    version = await version_of(attempt.pool, int(attempt.notice.id.key), attempt.now)
    if version.state == "withdrawn":
        return NotNeeded("withdrawn")
    before = await rules_of(attempt.pool, version.base)
    lines = plain_losses(before, await rules_of(attempt.pool, version.version))
    return content(version, lines, attempt.live.day(version.effective_from))


def content(version: Version, lines: list[str], day: date) -> Content:
    """The words: the first MOST_LINES of what is worse, and the operator's reason."""
    from_day = day_text(day)
    told = "\n".join(f"· {line}" for line in lines[:MOST_LINES])
    more = f"\n等 {len(lines)} 处。" if len(lines) > MOST_LINES else ""
    text = (
        f"积分规则 {from_day}起有调整：\n{told}{more}\n原因：{version.reason}\n"
        "发送「规则」看现行规则，有疑问请发送「人工」。"
    )
    return Content(text, 0, "积分规则有调整", from_day)


def useful_until(attempt: Attempt) -> datetime:
    """USEFUL_FOR after the change."""
    return datetime.fromisoformat(attempt.notice.payload["effective_from"]) + USEFUL_FOR


RULE_CHANGE: Final = NoticeKind("rule_change", read, useful_until, is_unprompted=True)
