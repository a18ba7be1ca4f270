"""The one place where a refusal of the rulebook becomes a problem: status, Chinese words, and which facts are told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python

from jifen.loyalty import outcomes
from jifen.loyalty.outcomes import Decision, Refusal, Result
from jifen.loyalty.sentences import day_text, number
from jifen.web.problems import IDEMPOTENCY_KEY_REUSED, Kind, Problem

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


def _short_of(refusal: outcomes.NotEnoughPoints) -> str:
    missing = refusal.needed - refusal.available
    return f"需要 {number(refusal.needed)} 积分，还差 {number(missing)} 积分。"


def _short_of_pieces(refusal: outcomes.OutOfStock) -> str:
    if not refusal.left:
        return f"“{refusal.name}”已经兑完了。"
    return f"“{refusal.name}”只剩 {number(refusal.left)} 份，不够这次兑换。"


def _signed_in(refusal: outcomes.AlreadyCheckedIn) -> str:
    # By its date: the same key hears this again, and that may be another day.
    return f"{day_text(refusal.day)}已经签到过了，已连续签到 {refusal.streak} 天。"


_NOT_CANCELLABLE = {
    "used": "这张券已经使用，不能取消。",
    "expired": "这张券已经过期，不能取消。",
    "cancelled": "这笔兑换已经取消过了。",
    "won": "抽奖得到的券不能取消。",
}


TELLINGS: dict[type[Refusal], Telling] = {
    outcomes.NotEnoughPoints: Telling(
        _kind(outcomes.NotEnoughPoints, 409, "积分不足"), _short_of, ("needed", "available")
    ),
    outcomes.OutOfStock: Telling(
        _kind(outcomes.OutOfStock, 409, "库存不足"),
        _short_of_pieces,
        ("item", "name", "left"),
    ),
    outcomes.DrawLimitReached: Telling(
        _kind(outcomes.DrawLimitReached, 409, "当天的抽奖次数不够了"),
        lambda refusal: f"每天最多抽 {refusal.limit} 次，当天还剩 {refusal.left} 次。",
        ("limit", "left"),
    ),
    outcomes.AlreadyCheckedIn: Telling(
        _kind(outcomes.AlreadyCheckedIn, 409, "已经签到过了"),
        _signed_in,
        ("day", "streak", "points", "balance", "next_bonus", "next_bonus_in"),
    ),
    outcomes.DayPassed: Telling(
        _kind(outcomes.DayPassed, 409, "这一天已经过去"),
        lambda refusal: f"{day_text(refusal.day)}已经过去，不能补签。",
        ("day",),
    ),
    outcomes.AlreadyDone: Telling(
        _kind(outcomes.AlreadyDone, 409, "已经办理过了"), lambda _: "这件事已经由另一个请求办好了。"
    ),
    outcomes.AlreadyBound: Telling(
        _kind(outcomes.AlreadyBound, 409, "邀请人已确定"), lambda _: "邀请人只能填写一次，填写后不能更改。"
    ),
    outcomes.SelfReferral: Telling(
        _kind(outcomes.SelfReferral, 409, "不能邀请自己"), lambda _: "这是你自己的邀请码，分享给好友吧。"
    ),
    outcomes.ReferralTooLate: Telling(
        _kind(outcomes.ReferralTooLate, 409, "已过填写邀请码的时候"),
        lambda _: "邀请码要在第一次签到之前填写。",
    ),
    outcomes.InviterTooNew: Telling(
        _kind(outcomes.InviterTooNew, 409, "邀请人加入得更晚"), lambda _: "邀请人要比你先加入。"
    ),
    outcomes.UnknownReferralCode: Telling(
        _kind(outcomes.UnknownReferralCode, 404, "没有这个邀请码"), lambda _: "请核对邀请码后再试。"
    ),
    outcomes.NotReferred: Telling(
        _kind(outcomes.NotReferred, 409, "没有待完成的邀请"), lambda _: "没有邀请人，或者邀请奖励已经办好。"
    ),
    outcomes.UnknownWheel: Telling(
        _kind(outcomes.UnknownWheel, 404, "没有这个抽奖"), lambda _: "这个抽奖不存在，或者已经下线。"
    ),
    outcomes.UnknownReward: Telling(
        _kind(outcomes.UnknownReward, 404, "没有这个礼品"), lambda _: "这个礼品不存在，或者已经下架。"
    ),
    outcomes.UnknownRedemption: Telling(
        _kind(outcomes.UnknownRedemption, 404, "没有这笔兑换"), lambda _: "在你的兑换里没有找到这一笔。"
    ),
    outcomes.NotCancellable: Telling(
        _kind(outcomes.NotCancellable, 409, "这笔兑换不能取消"),
        lambda refusal: _NOT_CANCELLABLE.get(refusal.state, "这笔兑换现在不能取消。"),
        ("state",),
    ),
    outcomes.AccountClosed: Telling(
        _kind(outcomes.AccountClosed, 403, "账户不可用"), lambda _: "账户已停用，如有疑问请联系客服。"
    ),
    outcomes.UnknownMember: Telling(
        _kind(outcomes.UnknownMember, 404, "没有这位会员"), lambda _: "没有找到这位会员。"
    ),
    outcomes.RequestKeyReused: Telling(
        IDEMPOTENCY_KEY_REUSED, lambda _: "同一个 Idempotency-Key 只能重复完全相同的请求，请换一个新的。"
    ),
    outcomes.NothingDue: Telling(
        _kind(outcomes.NothingDue, 409, "没有要办的事"), lambda _: "现在没有需要处理的内容。"
    ),
}
