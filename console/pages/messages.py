"""消息: the notices by state, why some were not sent, and the faults at WeChat for which they wait."""

from collections.abc import Mapping
from typing import Final

from nicegui import ui

from channels.faults import Fault, open_faults
from console.acting import perform
from console.dialogs import ask
from console.facts import draw_heading
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, badge, moment, quiet
from console.page import Page, Visit
from console.pages.members import named
from console.pages.overview import draw_faulty
from operators import notices as deeds
from operators.roles import Action
from operators.views.notices import KIND_TITLES, NoticeLine, list_notices

STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "due": ("待发送", "quiet"),
    "sending": ("发送中", "quiet"),
    "sent": ("已送达", "good"),
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
FAULT_SCOPES: Final[Mapping[str, str]] = {"account": "账号", "api": "接口", "template": "模板"}


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
            Column("应发时间", lambda row: moment(row.due_at, visit.zone)),
            *whose,
            Column("内容", lambda row: KIND_TITLES.get(row.kind, row.kind)),
            Column("状态", lambda row: badge(*STATES.get(row.state, (row.state, "quiet")))),
            Column("渠道", lambda row: CHANNELS.get(row.channel or "", "–")),
            Column("原因", lambda row: row.reason or "–"),
            Column("发了几次", lambda row: row.attempts, "number"),
            Column("送达", lambda row: moment(row.sent_at, visit.zone)),
        ),
        empty="还没有消息。积分快到期、等级变化、规则调整时，会员会在这里列出的消息里收到通知。",
        filters=filters,
        kept=kept,
    )


async def draw_notices(visit: Visit, query: Mapping[str, str]) -> None:
    """All notices, the latest due first."""
    filters = (
        Filter("state", "状态", {code: words for code, (words, _) in STATES.items()}),
        Filter("kind", "内容", KIND_TITLES),
    )
    await draw_faulty(visit)
    found = await list_notices(
        visit.pool, after=query.get("after", ""), state=query.get("state", ""), kind=query.get("kind", "")
    )
    draw_listing(notice_listing(visit, "/messages", {}, filters=filters), found.rows, query, found.after)


async def draw_faults(visit: Visit, query: Mapping[str, str]) -> None:
    """What is faulty at WeChat, and the operator's word that it is mended."""
    faults = await open_faults(visit.pool)
    draw_heading("微信那边没有修好的设置")
    listing = Listing[Fault](
        path="/messages/faults",
        caption="微信那边没有修好的设置",
        columns=(
            Column(
                "哪里",
                lambda fault: (
                    f"{FAULT_SCOPES.get(fault.scope, fault.scope)} {fault.target.partition(':')[2]}"
                ),
            ),
            Column("接口", lambda fault: fault.api),
            Column("错误码", lambda fault: fault.errcode if fault.errcode is not None else quiet("没有")),
            Column("从", lambda fault: moment(fault.since, visit.zone)),
            Column("再试", lambda fault: moment(fault.probe_at, visit.zone)),
            Column("试过几次", lambda fault: fault.probes, "number"),
        ),
        empty="一切正常，没有消息因为微信那边的设置而停下。",
    )
    draw_listing(listing, faults, query, None)
    if faults and visit.may(Action.NOTICES):
        ui.button("已经修好，马上重试", on_click=lambda: _retry(visit)).props(
            "unelevated no-caps data-testid=retry"
        ).classes("act")


async def _retry(visit: Visit) -> None:
    lead = "后台任务会各用一条消息去试，成功以后把等着的都发出去。安静时段里不会打扰会员。"
    if await ask("马上重试", lead, [], "重试") is not None and await perform(lambda: deeds.retry(visit.desk)):
        ui.navigate.to("/messages/faults")


PAGES: Final = (
    Page("/messages", "消息", "messages", Action.NOTICES, draw_notices),
    Page("/messages/faults", "发送故障", "messages", Action.NOTICES, draw_faults),
)
