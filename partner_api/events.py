"""/events: what members did at shops and tills; each event with an outcome of its own.

An event's id is its request key: whoever does not know what became of a request sends it again. The member is the actor of the
command, because it was they who bought; `source` says who reported it.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.earning.commands import RecordEvent, RecordRefund, event_request_key
from loyalty.earning.outcomes import EventRecorded, EventTooOld, OrderRefunded
from loyalty.earning.valid import DAYS_BACK
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision, Refusal
from loyalty.engine.refusals import RequestKeyReused
from loyalty.ledger.words import number
from loyalty.members.finding import Ref
from loyalty.missions.outcomes import finished
from partner_api.event_bodies import EventBody, EventsBody, Malformed
from partner_api.finding import FOUND_NOBODY, Unfound, find_all
from partner_api.requests import PARTNERS, SCOPE_MISSING, STORE_OF_ANOTHER, Partner, PartnerRequest
from web.answers import json_answer

Status: TypeAlias = Literal["applied", "replayed", "waiting", "refused"]

AHEAD: Final = timedelta(minutes=5)
"""How far the clock of a till may run ahead; such an event counts as of now."""
LIMIT_BYTES: Final = 512 * 1024


class EventResult(TypedDict):
    """What became of one event; `code` names why it was refused, `reason` says what happened."""

    id: str | None
    status: Status
    code: str | None
    points: int
    pending: int
    balance: int | None
    reason: str


class EventsAnswer(TypedDict):
    """The results in the order of the events."""

    results: list[EventResult]


async def report_events(request: PartnerRequest, body: EventsBody) -> web.Response:
    """Record each event; those of one member in their order, those of different members at once.

    Once every command has finished, the first error of the engine is raised; then all may be sent again.
    """
    partner = request.caller
    refs = [event.member.ref for event in body.read if isinstance(event, EventBody)]
    found = await find_all(partner, refs)
    asked = [_asked(partner, event, found) for event in body.read]
    decisions = iter(await partner.engine.run_all(one for one in asked if isinstance(one, Command)))
    results = [
        _result(str(event.id), next(decisions)) if isinstance(one, Command) else one
        for event, one in zip(body.read, asked, strict=True)
    ]
    return json_answer(EventsAnswer(results=results))


def _asked(
    partner: Partner, event: EventBody | Malformed, found: Mapping[Ref, int | Unfound]
) -> EventResult | Command:
    """The command for the event; or its refusal, where it does not come that far."""
    if isinstance(event, Malformed):
        return _refused(event.id, event.code, event.reason)
    if refusal := _objection(partner, event):
        return refusal
    member = found[event.member.ref]
    if not isinstance(member, int):
        return _refused(event.id, member, FOUND_NOBODY[member])
    return _command(partner, event, member)


def _objection(partner: Partner, event: EventBody) -> EventResult | None:
    """What this key cannot report, or nobody can at this time."""
    if partner.key.store is not None and event.store_id not in (None, partner.key.store):
        return _refused(event.id, STORE_OF_ANOTHER.code, f"这个密钥只能上报门店 {partner.key.store} 的事件。")
    if event.occurred_at > partner.now + AHEAD:
        return _refused(event.id, "event_in_future", "occurred_at 在将来，请检查这台机器的时钟。")
    if partner.now - event.occurred_at > timedelta(days=DAYS_BACK + 1):
        refusal = EventTooOld(DAYS_BACK)
        return _refused(event.id, refusal.code, refusal.sentence)
    return None


def _command(partner: Partner, event: EventBody, member_id: int) -> Command:
    source, store = partner.key.source, event.store_id or partner.key.store
    request_key, at = event_request_key(source, event.id), min(event.occurred_at, partner.now)
    if event.is_refund:
        return RecordRefund(
            member_id=member_id, request_key=request_key, at=at, source=source, event=event.id,
            refund_of=event.refund_of or "", amount_fen=event.amount_fen or 0, store=store,
        )  # fmt: skip
    return RecordEvent(
        member_id=member_id, request_key=request_key, at=at, source=source, event=event.id, kind=event.type,
        amount_fen=event.amount_fen, order=event.order_id, store=store, channel=event.channel,
        attributes=json.dumps(event.attributes, sort_keys=True, ensure_ascii=False),
    )  # fmt: skip


def _result(event_id: str, decision: Decision) -> EventResult:
    status: Status = "replayed" if decision.replayed else "applied"
    match decision.outcome:
        case RequestKeyReused():
            return _refused(event_id, "event_id_reused", "这个事件编号已经用于内容不同的事件。")
        case Refusal() as refusal:
            return _refused(event_id, refusal.code, refusal.sentence)
        case EventRecorded() as done:
            return EventResult(
                id=event_id, status=status, code=None, points=done.points - done.reversed, pending=done.pending,
                balance=_balance_after(done.balance, decision), reason=f"{_event_reason(done)}{_missions(decision)}",
            )  # fmt: skip
        case OrderRefunded() as done:
            return EventResult(
                id=event_id, status="waiting" if done.waiting and not decision.replayed else status, code=None,
                points=-done.points, pending=0, balance=done.balance, reason=_refund_reason(done),
            )  # fmt: skip
    raise TypeError(f"{decision.outcome.code} is no outcome of an event")


def _balance_after(balance: int, decision: Decision) -> int:
    """The balance after what the event brought beside its own points, such as the reward of a mission."""
    later = [getattr(one, "balance", None) for one in decision.consequences]
    return next((one for one in reversed(later) if isinstance(one, int)), balance)


def _missions(decision: Decision) -> str:
    """What the event finished, as a sentence."""
    done = [mission for one in finished(decision.consequences) for mission in one.done]
    told = [f"「{one.name}」{f'，另得 {number(one.points)} 积分' if one.points else ''}" for one in done]
    return f"完成{'；'.join(told)}。" if told else ""


def _event_reason(done: EventRecorded) -> str:
    if not done.points:
        return "已记下，这次没有积分。"
    later = f"，其中 {number(done.pending)} 分稍后生效" if done.pending else ""
    back = f"，先到的退款收回 {number(done.reversed)} 分" if done.reversed else ""
    cut = "；有的规则已到上限或预算用完" if done.withheld else ""
    return f"得 {number(done.points)} 积分{later}{back}{cut}。"


def _refund_reason(done: OrderRefunded) -> str:
    if done.waiting:
        return "退款已收到，等它的订单上报后一并处理。"
    owed = f"，其中 {number(done.debt)} 分已用掉，由以后的积分补上" if done.debt else ""
    return (
        f"退款已记下，收回 {number(done.points)} 积分{owed}。"
        if done.points
        else "退款已记下，没有要收回的积分。"
    )


def _refused(event_id: str | None, code: str, reason: str) -> EventResult:
    return EventResult(
        id=event_id, status="refused", code=code, points=0, pending=0, balance=None, reason=reason
    )


OPERATIONS = (
    PARTNERS["events"].with_body(
        "POST",
        "/events",
        report_events,
        "上报事件",
        EventsBody,
        EventsAnswer,
        limit_bytes=LIMIT_BYTES,
        problems=(SCOPE_MISSING,),
    ),
)
