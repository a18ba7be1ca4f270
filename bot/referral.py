"""邀请 (二维码): the member's own QR code, and binding an invited member to their inviter."""

import asyncio
from datetime import timedelta

import structlog

from bot.answers import Answer, refusal_text
from bot.chat import Chat
from channels.invitation import CACHED_FOR, TICKET_LIFE, qrcode_image_url, ticket_of
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AlreadyDone
from loyalty.ledger.words import number
from loyalty.members.profile import code_of_scene, member_of_code
from loyalty.referral.commands import BindReferral
from loyalty.referral.outcomes import (
    AlreadyBound,
    InviterTooNew,
    ReferralBound,
    ReferralTooLate,
    SelfReferral,
)
from loyalty.referral.rule import ReferralRule
from loyalty.referral.views import ReferralView, referral
from wechat.errors import NEEDS_AN_OPERATOR, ApiError, RateLimited
from wechat.replies import Article

TICKET_TIMEOUT_S = 2.5
VALID_AT_LEAST: timedelta = TICKET_LIFE - CACHED_FOR
QRCODE_UNAVAILABLE = Answer("二维码暂时取不到，请过一会儿再发「邀请」。")
QRCODE_TOMORROW = Answer("今天的二维码已经发完了，请明天再发「邀请」。")
QRCODE_BROKEN = Answer("二维码暂时用不了，需要工作人员处理，请晚些时候再发「邀请」。")

log = structlog.get_logger(__name__)


async def invite(chat: Chat) -> Answer:
    """The member's QR code as an article, and how inviting works."""
    resources, seen = chat.resources, await referral(chat.member_id, chat.live)
    try:
        async with asyncio.timeout(TICKET_TIMEOUT_S):
            ticket = await ticket_of(resources.official_account, resources.redis, seen.code, chat.now)
    except (ApiError, TimeoutError) as error:
        log.warning("invitation_qrcode_failed", error=str(error) or type(error).__name__)
        return _unavailable(error)
    picture = qrcode_image_url(resources.settings.wechat_api_base, ticket.ticket)
    return invitation_answer(seen, chat.live.rules.referral, chat.live.rules.programme.brand, picture)


def _unavailable(error: ApiError | TimeoutError) -> Answer:
    """When it is worth asking again."""
    if isinstance(error, RateLimited) and error.is_of_the_day:
        return QRCODE_TOMORROW
    return QRCODE_BROKEN if isinstance(error, NEEDS_AN_OPERATOR) else QRCODE_UNAVAILABLE


async def bind(chat: Chat) -> str | None:
    """Bind the member to the inviter whose code they scanned, and return the reply.

    None when the scanned scene is no invitation, or no member has its code.
    """
    code = code_of_scene(chat.push.scene or "")
    inviter = await member_of_code(code) if code else None
    if code is None or inviter is None:
        return None
    command = BindReferral(
        member_id=chat.member_id,
        request_key=chat.request_key,
        at=chat.at,
        inviter_id=inviter.member_id,
        code=code,
    )
    return bind_text(await chat.run(command), chat.live.rules.referral)


def invitation_answer(seen: ReferralView, rule: ReferralRule, brand: str, picture_url: str) -> Answer:
    """The invitation as an article with the QR code's picture; its text form carries the picture's address."""
    title = f"邀请好友加入{brand}"
    about = "\n".join(
        [
            "让好友用微信扫码关注即可。",
            _earnings(rule),
            f"已有 {number(seen.invited)} 位好友加入，{number(seen.qualified)} 位完成首次签到。",
            f"二维码 {VALID_AT_LEAST.days} 天内有效，过期再发「邀请」。",
        ]
    )
    return Answer(f"{title}\n{about}\n{picture_url}", Article(title, about, picture_url, picture_url))


def bind_text(outcome: Outcome, rule: ReferralRule) -> str:
    """The reply to scanning an inviter's code, with what the friend gets by this `rule`."""
    match outcome:
        case ReferralBound():
            gets = (
                f"，完成首次签到你再得 {number(rule.friend_points)} 分"
                if rule.enabled and rule.friend_points
                else ""
            )
            return f"已记下是好友邀请你来的{gets}。"
        case AlreadyBound() | AlreadyDone():
            return "你已经有邀请人了，邀请人只能有一位，不能更换。"
        case SelfReferral():
            return "这是你自己的邀请码，请把它给好友扫。"
        case ReferralTooLate():
            return "邀请码要在第一次签到之前扫，你已经是老会员了。"
        case InviterTooNew():
            return "这张邀请码对你用不上：邀请人要比你先加入。"
    return refusal_text(outcome)


def _earnings(rule: ReferralRule) -> str:
    if not rule.enabled:
        return "分享和关注本身不送积分。"
    return (
        f"好友完成首次签到后，你得 {number(rule.inviter_points)} 分，好友得 {number(rule.friend_points)} 分；"
        "分享和关注本身不送积分。"
    )
