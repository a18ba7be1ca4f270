"""The handler of each push: a table of words, a table of answered events, a table of events that get no answer."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeAlias

from bot import (
    appeal,
    checkin,
    entries,
    erasure,
    extension,
    follow,
    guide,
    honour,
    mission,
    notice,
    overview,
    pack,
    permission,
    personal,
    poll,
    referral,
    repair,
    reward,
    rule_texts,
    suggestion,
    wheel,
)
from bot.chat import Handler
from bot.understanding import understood
from bot.words import parse, tidy
from channels.windows import Trigger
from runtime.resources import Resources
from wechat.messages import Push
from wechat.opening import AccountKind

Note: TypeAlias = Callable[[Resources, Push, datetime], Awaitable[None]]

WORDS: Final[dict[str, Handler]] = {
    "签到": checkin.check_in,
    "补签": repair.repair,
    "补签卡": repair.repair,
    "延期": extension.extend,
    "积分": overview.balance,
    "余额": overview.balance,
    "明细": entries.latest,
    "为什么": entries.why,
    "等级": overview.tier,
    "抽奖": wheel.draw,
    "兑换": reward.redeem,
    "我的兑换": reward.vouchers,
    "任务": mission.show_missions,
    "投票": poll.vote,
    "加速包": pack.packs,
    "建议": suggestion.make,
    "邀请": referral.invite,
    "二维码": referral.invite,
    "规则": rule_texts.rules,
    "申诉": appeal.appeal,
    "我的数据": personal.my_data,
    "注销": erasure.erasure,
    "帮助": guide.show_help,
    "人工": guide.human,
    "客服": guide.human,
    "展示称号": honour.show,
    "隐藏称号": honour.hide,
    "退订提醒": notice.stop,
    "恢复提醒": notice.resume,
}

ANSWERED_EVENTS: Final[dict[str, tuple[Handler, Trigger]]] = {
    "subscribe": (follow.subscribe, "follow"),
    "scan": (follow.scan, "scan"),
}

NOTED_EVENTS: Final[dict[str, Note]] = {
    "unsubscribe": follow.unsubscribe,
    "templatesendjobfinish": permission.template_finished,
    "subscribe_msg_sent_event": permission.subscription_sent,
    "subscribe_msg_popup_event": permission.consent_chosen,
    "subscribe_msg_change_event": permission.consent_chosen,
    "user_info_modified": permission.profile_modified,
    "user_authorization_revoke": permission.authorization_changed,
    "user_authorization_cancellation": permission.authorization_changed,
}

_SHARED_EVENTS: Final = frozenset(NOTED_EVENTS) - {"unsubscribe"}


def said(push: Push) -> str | None:
    """The words of a message: typed, spoken (as recognized by the platform), or a menu key; None if there are none."""
    if push.kind == "text":
        return push.content
    if push.kind == "voice":
        return push.recognition
    return push.event_key if push.event == "click" else None


def trigger_of(push: Push, account: AccountKind) -> Trigger | None:
    """The customer-service window that this push opens; None for a push that is not answered."""
    if account == "miniapp":
        return None
    if push.kind != "event":
        return "message"
    if push.event == "click":
        return "click"
    answered = ANSWERED_EVENTS.get(push.event or "")
    return answered[1] if answered else None


def handler_of(push: Push) -> tuple[Handler, str]:
    """The handler for a message that is answered, and the argument that followed its word."""
    if push.event in ANSWERED_EVENTS:
        return ANSWERED_EVENTS[push.event][0], ""
    text = said(push) or ""
    word, argument = parse(text)
    if word in WORDS:
        return WORDS[word], argument
    meaning = understood(text, WORDS)
    if meaning is None:
        return guide.unknown, tidy(text)
    if meaning.said is None:
        return guide.tell, meaning.answer or ""
    return WORDS[meaning.said.word], meaning.said.argument


def note_of(push: Push, account: AccountKind) -> Note | None:
    """The function for an event that gets no answer; None if there is nothing to do."""
    if account == "miniapp" and push.event not in _SHARED_EVENTS:
        return None
    return NOTED_EVENTS.get(push.event or "")
