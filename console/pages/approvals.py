"""审批: what one operator asked for and another decides."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup, escape
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask
from console.facts import draw_facts, draw_heading, draw_notice
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, badge, join, link, moment, signed
from console.outcomes import sentence_of
from console.page import Page, Visit
from console.pages.backtesting import draw_backtest
from console.pages.rules import draw_said
from operators.approvals.asking import ApprovalFault, withdraw_approval
from operators.approvals.rows import STATES, After, Approval, find_approval, list_approvals
from operators.decisions.deciding import KINDS, approve, refuse
from operators.decisions.words import asked_for, changes, publication_facts
from operators.roles import Action
from operators.rules.requests import request_in
from operators.views.paging import instant_in

TONES: Final[Mapping[str, Tone]] = {"asked": "warn", "approved": "good", "refused": "bad"}
SIZE: Final = 50


async def draw_approvals(visit: Visit, query: Mapping[str, str]) -> None:
    """What waits for a second person first, then the rest, newest first."""
    for one in await list_approvals(visit.pool, visit.desk.now(), "asked", limit=SIZE):
        _draw_waiting(visit, one)
    state = query.get("state", "")
    rows = await list_approvals(
        visit.pool,
        visit.desk.now(),
        state if state in STATES else None,
        _place(query.get("after", "")),
        limit=SIZE + 1,
    )
    listing = Listing[Approval](
        path="/approvals",
        caption="审批",
        columns=(
            Column("申请", lambda row: moment(row.asked_at, visit.zone)),
            Column("申请人", lambda row: row.asked_name),
            Column("要做什么", lambda row: _what(visit, row)),
            Column("原因", lambda row: row.reason),
            Column("状态", lambda row: badge(row.state_name, TONES.get(row.state, "quiet"))),
            Column("谁决定的", lambda row: row.decided_name or "–"),
            Column("答复", lambda row: row.answer or "–"),
        ),
        empty="还没有申请。调整的积分超过一个人的限额，或者运营要发布对会员不利的规则时，会在这里等另一个人批准。",
        filters=(Filter("state", "状态", STATES),),
    )
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    draw_listing(listing, rows[:SIZE], query, f"{last.asked_at.isoformat()}|{last.id}" if last else None)


def _what(visit: Visit, row: Approval) -> Markup:
    if row.action != Action.ADJUST:
        return link(asked_for(row, visit.zone), f"/approvals/{row.id}")
    return Markup("给{}调整 {} 分").format(
        link(f"会员 {row.member_id}", f"/members/{row.member_id}"), signed(row.facts["points"])
    )


def _draw_waiting(visit: Visit, one: Approval) -> None:
    with ui.element("div").classes("panel"):
        ui.html(
            Markup("<p><b>{}</b> 申请{}：{}</p>").format(one.asked_name, _what(visit, one), one.reason),
            sanitize=False,
        )
        if one.action == Action.PUBLISH_RULES:
            look = link("看改了什么，再决定", f"/approvals/{one.id}", "button plain")
            ui.html(look, sanitize=False)
        else:
            _draw_decision(visit, one)


async def draw_approval(visit: Visit, query: Mapping[str, str]) -> None:
    """One request: who asked for what and why, what it changes, and the decision."""
    await list_approvals(visit.pool, visit.desk.now(), limit=1)  # so that one whose time is over has expired
    one = await find_approval(visit.pool, query["number"].replace("\0", "")[:64])
    if one is None:
        ui.html('<p class="empty">没有这个申请。<a href="/approvals">回到审批</a></p>', sanitize=False)
        return
    draw_title("申请")
    draw_facts(
        [
            ("申请人", one.asked_name),
            ("申请", moment(one.asked_at, visit.zone)),
            ("要做什么", _what(visit, one)),
            ("原因", one.reason),
            ("状态", badge(one.state_name, TONES.get(one.state, "quiet"))),
            ("最晚批准", moment(one.expires_at, visit.zone)),
            ("谁决定的", one.decided_name or "–"),
            ("答复", one.answer or "–"),
        ]
    )
    if one.action == Action.PUBLISH_RULES:
        await _draw_publication(visit, one)
    if one.state == "asked":
        _draw_decision(visit, one)


async def _draw_publication(visit: Visit, one: Approval) -> None:
    request = request_in(one)
    draw_facts(publication_facts(request, visit.zone), "怎样发布")
    draw_heading("改了什么")
    draw_said(await changes(visit.pool, request))
    worse = join(map(escape, request.losses), "<br>")
    draw_notice(Markup("<b>对会员不利的地方</b>，批准以后会通知会员：<br>{}").format(worse), bad=True)
    draw_heading("申请人的回测")
    draw_said(request.figures or ["申请人没有做回测。可以在下面自己算一算。"])
    try:
        draw_backtest(visit, request.rule_set())
    except ApprovalFault as fault:
        draw_notice(str(fault), bad=True)


def _draw_decision(visit: Visit, one: Approval) -> None:
    with ui.row():
        if one.asked_by == visit.desk.operator.operator_id:
            withdraw = ui.button("撤回申请", on_click=lambda: _withdraw(visit, one))
            withdraw.props("outline no-caps data-testid=withdraw").classes("act")
        elif visit.may(KINDS[one.action].deciding):
            approve_it = ui.button("批准", on_click=lambda: _approve(visit, one))
            approve_it.props("unelevated no-caps data-testid=approve").classes("act")
            refuse_it = ui.button("驳回", on_click=lambda: _refuse(visit, one))
            refuse_it.props("outline no-caps color=negative data-testid=refuse").classes("act")


async def _approve(visit: Visit, one: Approval) -> None:
    lead = Markup("批准以后马上{}。").format(
        _what(visit, one) if one.action == Action.ADJUST else asked_for(one, visit.zone)
    )
    if await ask("批准", lead, [], "批准") is None:
        return

    async def go() -> str:
        return sentence_of(await approve(visit.desk, one.id))

    if await perform(go):
        ui.navigate.to("/approvals")


async def _refuse(visit: Visit, one: Approval) -> None:
    given = await ask("驳回", "申请人会看到下面的答复。", [Ask("answer", "为什么")], "驳回", danger=True)

    async def go() -> str:
        await refuse(visit.desk, one.id, (given or {})["answer"])
        return "已驳回。"

    if given and await perform(go):
        ui.navigate.to("/approvals")


async def _withdraw(visit: Visit, one: Approval) -> None:
    async def go() -> str:
        await withdraw_approval(visit.desk, one.id)
        return "已撤回。"

    if await perform(go):
        ui.navigate.to("/approvals")


def _place(after: str) -> After | None:
    asked_at, _, number = after.partition("|")
    at = instant_in(asked_at)
    return After(at, number) if at is not None and number else None


PAGES: Final = (
    Page("/approvals", "审批", "members", Action.LOOK_MEMBERS, draw_approvals),
    Page("/approvals/{number}", "申请", "members", Action.LOOK_MEMBERS, draw_approval, in_menu=False),
)
