"""Referral rewarded: a friend the member invited has qualified, and the member has received points for it."""

from datetime import timedelta
from typing import Final

from channels.notices.kind import Attempt, Content, NoticeKind, useful_for
from loyalty.ledger.words import number

USEFUL_FOR: Final = timedelta(days=90)


async def read(attempt: Attempt) -> Content:
    """The points that were granted; the notice's payload has them."""
    return content(int(attempt.notice.payload["points"]))


def content(points: int) -> Content:
    """The words for a reward of so many points."""
    text = f"你邀请的好友完成首次签到，{number(points)} 积分已到账！"
    return Content(text, points, "好友已首签，奖励到账啦")


REFERRAL_REWARDED: Final = NoticeKind("referral_rewarded", read, useful_for(USEFUL_FOR))
