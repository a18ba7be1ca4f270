"""Inactivity: without a visit the member's points are forfeited on a day."""

from datetime import date, datetime
from typing import Final

from channels.notices.kind import Attempt, Content, NoticeKind, NotNeeded, Templates
from loyalty.ledger.balance import balance
from loyalty.ledger.calendar import day_start
from loyalty.ledger.words import last_day_text, number
from loyalty.programme.rules import RuleSet


async def read(attempt: Attempt) -> Content | NotNeeded:
    """The spendable points; not needed if the member has visited since. The notice's key is the day of the visit before it."""
    gone_on = _gone_on(attempt)
    if attempt.recipient.last_seen_on > date.fromisoformat(attempt.notice.id.key):
        return NotNeeded("already_back")
    if gone_on <= attempt.today:
        return NotNeeded("too_late")
    points = await balance(attempt.recipient.member_id, attempt.today)
    return content(points.spendable, gone_on) if points.spendable else NotNeeded("already_spent")


def content(points: int, gone_on: date) -> Content:
    """The words for points that are forfeited on `gone_on`."""
    day = last_day_text(gone_on)
    text = f"好久没来了，你的 {number(points)} 积分会在 {day}之后清零。发一条消息或打开小程序看看，积分就保住了。"
    return Content(text, points, "太久没来，积分快清零了", day)


def useful_until(attempt: Attempt) -> datetime:
    """Until the start of the day on which the points are forfeited."""
    return day_start(_gone_on(attempt), attempt.live.zone)


def templates(rules: RuleSet) -> Templates:
    """A subscribe message of the mini-program, and a template message of the official account, where the rule set names them."""
    rule = rules.expiry.inactivity
    return Templates() if rule is None else Templates(subscribe=rule.subscribe, template=rule.template)


def _gone_on(attempt: Attempt) -> date:
    return date.fromisoformat(attempt.notice.payload["gone_on"])


INACTIVITY: Final = NoticeKind(
    "inactivity", read, useful_until, templates, is_unprompted=True, about="积分快要因为久未使用而作废的提醒"
)
