"""The one place where a refusal of the rulebook becomes a problem: status, Chinese words, and which facts are told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python

from loyalty import refusals
from loyalty.outcomes import Decision, Refusal, Result
from loyalty.sentences import day_text, number
from web.problems import IDEMPOTENCY_KEY_REUSED, Kind, Problem

R = TypeVar("R", bound=Result)


@dataclass(frozen=True)
class Telling:
    """How one refusal is told: its kind, the sentence made of its facts, and the facts that go out as fields."""

    kind: Kind
    detail: Callable[[Any], str]
    facts: tuple[str, ...] = ()


def accepted(decision: Decision, kind: type[R]) -> R:
    """The result, of the kind the command comes to. Raises Problem for a refusal."""
    if isinstance(decision.outcome, Refusal):
        raise refused(decision.outcome, replayed=decision.replayed)
    if not isinstance(decision.outcome, kind):
        raise TypeError(f"{decision.outcome.code} is no {kind.__name__}")
    return decision.outcome


def refused(refusal: Refusal, *, replayed: bool = False) -> Problem:
    """The problem that tells a refusal. Raises KeyError for one that has no telling."""
    telling = TELLINGS[type(refusal)]
    facts = {name: to_jsonable_python(getattr(refusal, name)) for name in telling.facts}
    return Problem(telling.kind, telling.detail(refusal), facts=facts, replayed=replayed)


def kind_of(refusal: type[Refusal]) -> Kind:
    """The kind of problem that tells this refusal."""
    return TELLINGS[refusal].kind


def _kind(refusal: type[Refusal], status: int, title: str) -> Kind:
    return Kind(refusal.code, status, title)


def _short_of(refusal: refusals.NotEnoughPoints) -> str:
    missing = refusal.needed - refusal.available
    return f"需要 {number(refusal.needed)} 积分，还差 {number(missing)} 积分。"


def _short_of_pieces(refusal: refusals.OutOfStock) -> str:
    if not refusal.left:
        return f"“{refusal.name}”已经兑完了。"
    return f"“{refusal.name}”只剩 {number(refusal.left)} 份，不够这次兑换。"


def _signed_in(refusal: refusals.AlreadyCheckedIn) -> str:
    # By its date: the same key hears this again, and that may be another day.
    return f"{day_text(refusal.day)}已经签到过了，已连续签到 {refusal.streak} 天。"


_NOT_CANCELLABLE = {
    "used": "这张券已经使用，不能取消。",
    "expired": "这张券已经过期，不能取消。",
    "cancelled": "这笔兑换已经取消过了。",
    "won": "抽奖得到的券不能取消。",
}


TELLINGS: dict[type[Refusal], Telling] = {
    refusals.NotEnoughPoints: Telling(
        _kind(refusals.NotEnoughPoints, 409, "积分不足"), _short_of, ("needed", "available")
    ),
    refusals.OutOfStock: Telling(
        _kind(refusals.OutOfStock, 409, "库存不足"),
        _short_of_pieces,
        ("item", "name", "left"),
    ),
    refusals.DrawLimitReached: Telling(
        _kind(refusals.DrawLimitReached, 409, "当天的抽奖次数不够了"),
        lambda refusal: f"每天最多抽 {refusal.limit} 次，当天还剩 {refusal.left} 次。",
        ("limit", "left"),
    ),
    refusals.AlreadyCheckedIn: Telling(
        _kind(refusals.AlreadyCheckedIn, 409, "已经签到过了"),
        _signed_in,
        ("day", "streak", "points", "balance", "next_bonus", "next_bonus_in"),
    ),
    refusals.DayPassed: Telling(
        _kind(refusals.DayPassed, 409, "这一天已经过去"),
        lambda refusal: f"{day_text(refusal.day)}已经过去，不能补签。",
        ("day",),
    ),
    refusals.AlreadyDone: Telling(
        _kind(refusals.AlreadyDone, 409, "已经办理过了"), lambda _: "这件事已经由另一个请求办好了。"
    ),
    refusals.AlreadyBound: Telling(
        _kind(refusals.AlreadyBound, 409, "邀请人已确定"), lambda _: "邀请人只能填写一次，填写后不能更改。"
    ),
    refusals.SelfReferral: Telling(
        _kind(refusals.SelfReferral, 409, "不能邀请自己"), lambda _: "这是你自己的邀请码，分享给好友吧。"
    ),
    refusals.ReferralTooLate: Telling(
        _kind(refusals.ReferralTooLate, 409, "已过填写邀请码的时候"),
        lambda _: "邀请码要在第一次签到之前填写。",
    ),
    refusals.InviterTooNew: Telling(
        _kind(refusals.InviterTooNew, 409, "邀请人加入得更晚"), lambda _: "邀请人要比你先加入。"
    ),
    refusals.UnknownReferralCode: Telling(
        _kind(refusals.UnknownReferralCode, 404, "没有这个邀请码"), lambda _: "请核对邀请码后再试。"
    ),
    refusals.NotReferred: Telling(
        _kind(refusals.NotReferred, 409, "没有待完成的邀请"), lambda _: "没有邀请人，或者邀请奖励已经办好。"
    ),
    refusals.UnknownWheel: Telling(
        _kind(refusals.UnknownWheel, 404, "没有这个抽奖"), lambda _: "这个抽奖不存在，或者已经下线。"
    ),
    refusals.UnknownReward: Telling(
        _kind(refusals.UnknownReward, 404, "没有这个礼品"), lambda _: "这个礼品不存在，或者已经下架。"
    ),
    refusals.UnknownRedemption: Telling(
        _kind(refusals.UnknownRedemption, 404, "没有这笔兑换"), lambda _: "在你的兑换里没有找到这一笔。"
    ),
    refusals.NotCancellable: Telling(
        _kind(refusals.NotCancellable, 409, "这笔兑换不能取消"),
        lambda refusal: _NOT_CANCELLABLE.get(refusal.state, "这笔兑换现在不能取消。"),
        ("state",),
    ),
    refusals.AccountClosed: Telling(
        _kind(refusals.AccountClosed, 403, "账户不可用"), lambda _: "账户已停用，如有疑问请联系客服。"
    ),
    refusals.UnknownMember: Telling(
        _kind(refusals.UnknownMember, 404, "没有这位会员"), lambda _: "没有找到这位会员。"
    ),
    refusals.RequestKeyReused: Telling(
        IDEMPOTENCY_KEY_REUSED, lambda _: "同一个 Idempotency-Key 只能重复完全相同的请求，请换一个新的。"
    ),
    refusals.NothingDue: Telling(
        _kind(refusals.NothingDue, 409, "没有要办的事"), lambda _: "现在没有需要处理的内容。"
    ),
}
