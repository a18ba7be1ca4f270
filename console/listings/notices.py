"""The list of notices, to one member or to all."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from console.listing import Column, Filter, Listing
from console.listings.members import named
from console.markup import Tone, address, badge, join, link, moment
from console.page import Visit
from operators.views.notices import KIND_TITLES, NoticeLine

NOTICE_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "due": ("待发送", "quiet"),
    "sending": ("发送中", "quiet"),
    "sent": ("已发出", "good"),
    "delivered": ("已送达", "good"),
    "waiting": ("等待中", "warn"),
    "suppressed": ("不再发送", "quiet"),
    "unknown": ("结果不明", "warn"),
    "failed": ("发送失败", "bad"),
}
CHANNELS: Final[Mapping[str, str]] = {
    "customer_service": "客服消息",
    "template": "模板消息",
    "subscribe": "订阅消息",
}


def notice_listing(
    visit: Visit,
    path: str,
    kept: Mapping[str, str],
    *,
    of_one: bool = False,
    filters: tuple[Filter, ...] = (),
) -> Listing[NoticeLine]:
    """A list of notices, to one member or to all."""
    whose: tuple[Column[NoticeLine], ...] = (
        () if of_one else (Column("会员", lambda row: named(row.member_id, row.nickname)),)
    )
    return Listing(
        path=path,
        caption="消息",
        columns=(
            Column("产生", lambda row: moment(row.created_at, visit.zone)),
            *whose,
            Column("内容", lambda row: KIND_TITLES.get(row.kind, row.kind)),
            Column("状态", _state),
            Column("渠道", lambda row: CHANNELS.get(row.channel or "", "–")),
            Column("原因", lambda row: row.why),
            Column("应发", lambda row: moment(row.due_at, visit.zone)),
            Column("试过几次", lambda row: row.attempts, "number"),
            Column("发出", lambda row: moment(row.sent_at, visit.zone)),
        ),
        empty="还没有消息。积分快到期、等级变化、规则调整时，会员会在这里列出的消息里收到通知。",
        filters=filters,
        kept=kept,
    )


def _state(row: NoticeLine) -> Markup:
    shown = badge(*NOTICE_STATES.get(row.state, (row.state, "quiet")))
    if row.state != "failed":
        return shown
    place = address("/messages/one", member=row.member_id, kind=row.kind, key=row.key)
    return join([shown, " ", link("再试", place)])
