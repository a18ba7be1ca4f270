"""消息: the notices by state, why some were not sent, and the faults at WeChat for which they wait."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from nicegui import ui

from channels.faults import Fault, open_faults
from channels.outbox import NoticeKey
from console.acting import perform
from console.dialogs import ask
from console.facts import draw_cards, draw_facts, draw_heading
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.listings.members import named
from console.listings.notices import CHANNELS, NOTICE_STATES, notice_listing
from console.markup import address, badge, link, moment, points, quiet
from console.outcomes import Refused
from console.page import Page, Visit
from console.pages.overview import draw_faulty
from operators.roles import Action
from operators.views.notices import KIND_TITLES, NoticeLine, counts_since, list_notices, notice_line
from operators.wechat import notices as deeds

WEEK: Final = timedelta(days=7)
FAULT_SCOPES: Final[Mapping[str, str]] = {"account": "账号", "api": "接口", "template": "模板"}


async def draw_notice_page(visit: Visit, query: Mapping[str, str]) -> None:
    """One notice, with what became of it, and the way to try again."""
    member, kind, key = query.get("member", ""), query.get("kind", "")[:64], query.get("key", "")[:512]
    row = (
        await notice_line(visit.pool, int(member), kind.replace("\0", ""), key.replace("\0", ""))
        if member.isdecimal() and len(member) < 19
        else None
    )
    if row is None:
        ui.html('<p class="empty">没有这条消息。<a href="/messages">回到消息</a></p>', sanitize=False)
        return
    draw_title(KIND_TITLES.get(row.kind, row.kind))
    draw_facts(
        [
            ("会员", named(row.member_id, row.nickname)),
            ("状态", badge(*NOTICE_STATES.get(row.state, (row.state, "quiet")))),
            ("原因", row.why),
            ("渠道", CHANNELS.get(row.channel or "", "–")),
            ("产生", moment(row.created_at, visit.zone)),
            ("应发", moment(row.due_at, visit.zone)),
            ("试过几次", row.attempts),
            ("发出", moment(row.sent_at, visit.zone)),
        ]
    )
    if row.state == "failed":
        ui.button("再试一次", on_click=lambda: _again(visit, row)).props(
            "unelevated no-caps data-testid=again"
        ).classes("act")


async def _again(visit: Visit, row: NoticeLine) -> None:
    async def again() -> str:
        if not await deeds.try_again(visit.desk, NoticeKey(row.member_id, row.kind, row.key)):
            raise Refused("这条消息已经不是「发送失败」，刷新一下再看。")
        return "后台任务马上再发一次；已经没有用的、会员退订的，仍然不发。"

    if await perform(again):
        ui.navigate.to(address("/messages/one", member=row.member_id, kind=row.kind, key=row.key))


async def draw_notices(visit: Visit, query: Mapping[str, str]) -> None:
    """All notices, newest first; each count leads to the notices that it counts."""
    filters = (
        Filter("state", "状态", {code: words for code, (words, _) in NOTICE_STATES.items()}),
        Filter("kind", "内容", KIND_TITLES),
    )
    await draw_faulty(visit)
    counts = await counts_since(visit.pool, visit.desk.now() - WEEK)
    draw_cards(
        (words, link(points(counts[code]), address("/messages", state=code)), "最近 7 天产生的")
        for code, (words, _) in NOTICE_STATES.items()
        if counts.get(code)
    )
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

    async def retry() -> str:
        found = await deeds.retry(visit.desk)
        return f"后台任务马上重试 {len(found)} 处。" if found else "没有因为微信那边的设置而停下的消息。"

    if await ask("马上重试", lead, [], "重试") is not None and await perform(retry):
        ui.navigate.to("/messages/faults")


PAGES: Final = (
    Page("/messages", "消息", "messages", Action.NOTICES, draw_notices),
    Page("/messages/one", "消息", "messages", Action.NOTICES, draw_notice_page, in_menu=False),
    Page("/messages/faults", "发送故障", "messages", Action.NOTICES, draw_faults),
)
