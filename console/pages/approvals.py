"""审批: what one operator asked for and another decides."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, badge, link, moment, signed
from console.outcomes import sentence_of
from console.page import Page, Visit
from operators.approvals import STATES, After, Approval, list_approvals, withdraw_approval
from operators.deciding import approve, refuse
from operators.roles import Action
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
            Column("要做什么", _what),
            Column("原因", lambda row: row.reason),
            Column("状态", lambda row: badge(row.state_name, TONES.get(row.state, "quiet"))),
            Column("谁决定的", lambda row: row.decided_name or "–"),
            Column("答复", lambda row: row.answer or "–"),
        ),
        empty="还没有申请。调整的积分超过一个人的限额时，会在这里等另一个人批准。",
        filters=(Filter("state", "状态", STATES),),
    )
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    draw_listing(listing, rows[:SIZE], query, f"{last.asked_at.isoformat()}|{last.id}" if last else None)


def _what(row: Approval) -> Markup:
    return Markup("给{}调整 {} 分").format(
        link(f"会员 {row.member_id}", f"/members/{row.member_id}"), signed(row.facts["points"])
    )


def _draw_waiting(visit: Visit, one: Approval) -> None:
    own = one.asked_by == visit.desk.operator.operator_id
    with ui.element("div").classes("panel"):
        ui.html(
            Markup("<p><b>{}</b> 申请{}：{}</p>").format(one.asked_name, _what(one), one.reason),
            sanitize=False,
        )
        with ui.row():
            if own:
                ui.button("撤回申请", on_click=lambda: _withdraw(visit, one)).props(
                    "outline no-caps"
                ).classes("act")
            elif visit.may(Action.APPROVE_ADJUSTMENT):
                approve_it = ui.button("批准", on_click=lambda: _approve(visit, one))
                approve_it.props("unelevated no-caps data-testid=approve").classes("act")
                refuse_it = ui.button("驳回", on_click=lambda: _refuse(visit, one))
                refuse_it.props("outline no-caps color=negative data-testid=refuse").classes("act")


async def _approve(visit: Visit, one: Approval) -> None:
    lead = Markup("批准以后马上{}。").format(_what(one))
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


PAGES: Final = (Page("/approvals", "审批", "members", Action.LOOK_MEMBERS, draw_approvals),)
