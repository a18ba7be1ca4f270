"""Expiry: some points will lapse on a day. Sent by template to any follower, as WeChat allows for expiring points."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from channels import outbox
from channels.notices.kind import Attempt, Content, NoticeKind, NotNeeded, Templates
from channels.outbox import Channel, Claimed
from loyalty.expiry.extension.views import ExtensionOffer, extension_offer
from loyalty.ledger.calendar import day_start
from loyalty.ledger.words import last_day_text, number
from loyalty.programme.rules import RuleSet
from loyalty.rewards.views import RewardView, reward_in_reach
from models.ledger import Lot

TEMPLATES_PER_MONTH: Final = 4
"""More expiry reminders than this count as abuse of template messages (WeChat docs: 模板消息运营规范)."""


async def read(attempt: Attempt) -> Content | NotNeeded:
    """The points that still lapse on the notice's day; since it was written the member may have spent some."""
    expires_on = _expires_on(attempt.notice)
    if expires_on <= attempt.today:
        return NotNeeded("too_late")
    lots = await Lot.filter(member_id=attempt.recipient.member_id, expires_on=expires_on, remaining__gt=0)
    points = sum(lot.remaining for lot in lots)
    if not points:
        return NotNeeded("already_spent")
    member_id, live = attempt.recipient.member_id, attempt.live
    told = content(points, expires_on, (expires_on - attempt.today).days)
    told = with_reward(told, await reward_in_reach(member_id, live, attempt.now, points))
    offer = await extension_offer(attempt.pool, member_id, live, attempt.now)
    return with_extension(told, offer, expires_on)


def with_reward(told: Content, reward: RewardView | None) -> Content:
    """The words with one more sentence on a reward that the member can redeem. The list tells its price, as that may change."""
    if reward is None:
        return told
    return replace(told, text=f"{told.text}现在够换「{reward.name}」，发「兑换」看能换什么。")


def with_extension(told: Content, offer: ExtensionOffer | None, expires_on: date) -> Content:
    """The words with one more sentence on putting these points off, if that is possible now."""
    days = {one.expires_on: one for one in offer.days} if offer else {}
    if offer is None or expires_on not in days:
        return told
    cost = f"，用 {number(offer.price_points)} 积分" if offer.price_points else ""
    until = last_day_text(days[expires_on].extended_to)
    text = f"{told.text}用不完也可以发「延期」，延到 {until}{cost}。"
    longer = (days[expires_on].extended_to - expires_on).days
    return replace(told, text=text, tip=f"快到期了，发「延期」可多用 {longer} 天")


def content(points: int, expires_on: date, days_left: int) -> Content:
    """The words for points that are gone from `expires_on` on; with one day left, today is their last day."""
    day = last_day_text(expires_on)
    if days_left == 1:
        text = f"你有 {number(points)} 积分今天到期（{day}），记得今天用掉。"
        return Content(text, points, "今天到期，别忘了用", day)
    text = f"你有 {number(points)} 积分 {day}前有效，记得用哦。"
    return Content(text, points, f"还有 {days_left} 天到期，别忘了用", day)


def useful_until(attempt: Attempt) -> datetime:
    """Until the start of the day on which the points are gone."""
    return day_start(_expires_on(attempt.notice), attempt.live.zone)


def templates(rules: RuleSet) -> Templates:
    """A template message of the official account, where the rule set names one."""
    return Templates(template=rules.notices.expiry.template)


async def limit(attempt: Attempt, channel: Channel) -> str | None:
    """`monthly_quota` for a template beyond TEMPLATES_PER_MONTH.

    `outbox.begin` has counted this send, so of two concurrent sends at the limit both see one too many and both stop.
    """
    if channel != "template":
        return None
    member_id, kind = attempt.notice.id.member_id, attempt.notice.id.kind
    sent = await outbox.sent_this_month(
        attempt.pool, member_id, kind, channel, attempt.today, attempt.live.zone
    )
    return None if sent <= TEMPLATES_PER_MONTH else "monthly_quota"


def _expires_on(notice: Claimed) -> date:
    return date.fromisoformat(notice.payload["expires_on"])


EXPIRY: Final = NoticeKind("expiry", read, useful_until, templates, limit, is_unprompted=True)
