"""Wake-up: a member has been silent for as many days as the rules say."""

from datetime import date, timedelta
from typing import Final

from channels.notices.kind import Attempt, Content, NoticeKind, NotNeeded, Templates, useful_for
from loyalty.ledger.balance import balance
from loyalty.ledger.words import number
from loyalty.programme.rules import RuleSet

USEFUL_FOR: Final = timedelta(days=30)


async def read(attempt: Attempt) -> Content | NotNeeded:
    """The spendable points; not needed if the member has visited since. The notice's key is the day of the visit before it."""
    notice = attempt.notice.id
    if attempt.recipient.last_seen_on > date.fromisoformat(notice.key):
        return NotNeeded("already_back")
    points = await balance(attempt.recipient.member_id, attempt.live.day(attempt.now))
    return content(points.spendable)


def content(points: int) -> Content:
    """The words for a member with so many points to spend."""
    if not points:
        text = "好久不见，你的会员身份一直留着，有空回来看看。"
        return Content(text, points, "好久不见，有空回来看看")
    text = f"好久不见，你的 {number(points)} 积分都给你留着，有空回来看看。"
    return Content(text, points, "好久不见，积分都给你留着")


def templates(rules: RuleSet) -> Templates:
    """A subscribe message of the mini-program, and a template message of the official account, where the rule set names them."""
    rule = rules.notices.wake_up
    return Templates(subscribe=rule.subscribe, template=rule.template)


WAKE_UP: Final = NoticeKind(
    "wake_up", read, useful_for(USEFUL_FOR), templates, is_unprompted=True, about="好久没来时的提醒"
)
