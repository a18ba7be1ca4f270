"""申诉: what members of frozen accounts have to say, and the answer that they read."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import badge, link, moment
from console.outcomes import sentence_of
from console.page import Page, Visit
from loyalty.appeals.views import After, Appeal, list_appeals
from operators.members.appeals import answer_appeal
from operators.roles import Action
from operators.views.paging import instant_in, number_in

SIZE: Final = 50
STATES: Final = {"open": "等答复", "answered": "已答复"}
RELEASE: Final = {"release": "解冻账户", "keep": "仍然冻结"}


async def draw_appeals(visit: Visit, query: Mapping[str, str]) -> None:
    """Open appeals first, then all, newest first."""
    for one in await list_appeals(visit.pool, "open", limit=SIZE):
        _draw_open(visit, one)
    state = query.get("state", "")
    rows = await list_appeals(
        visit.pool, state if state in STATES else None, _place(query.get("after", "")), limit=SIZE + 1
    )
    listing = Listing[Appeal](
        path="/appeals",
        caption="申诉",
        columns=(
            Column("时间", lambda row: moment(row.opened_at, visit.zone)),
            Column("会员", lambda row: _whose(row)),
            Column("申诉", lambda row: row.text or "（已删除）"),
            Column("状态", lambda row: badge(STATES[row.state], "warn" if row.state == "open" else "quiet")),
            Column("答复", lambda row: row.answer or "–"),
            Column("谁答复的", lambda row: row.answered_by or "–"),
            Column("结果", lambda row: "已解冻" if row.released else ("仍然冻结" if row.answer else "–")),
        ),
        empty="还没有申诉。账户被冻结的会员在公众号里发「申诉」加上想说的话，就会出现在这里。",
        filters=(Filter("state", "状态", STATES),),
    )
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    after = f"{last.opened_at.isoformat()}|{last.member_id}|{last.id}" if last else None
    draw_listing(listing, rows[:SIZE], query, after)


def _whose(row: Appeal) -> Markup:
    return link(f"会员 {row.member_id}", f"/members/{row.member_id}")


def _draw_open(visit: Visit, one: Appeal) -> None:
    with ui.element("div").classes("panel"):
        head = Markup("<p>{} · {}</p><p>{}</p>").format(
            _whose(one), moment(one.opened_at, visit.zone), one.text
        )
        ui.html(head, sanitize=False)
        if visit.may(Action.ANSWER_APPEAL):
            answer = ui.button("答复", on_click=lambda: _answer(visit, one))
            answer.props("unelevated no-caps data-testid=answer").classes("act")


async def _answer(visit: Visit, one: Appeal) -> None:
    given = await ask(
        "答复申诉", "会员会在公众号里收到下面的答复。",
        [Ask("answer", "答复", "long"), Ask("result", "处理结果", "choice", value="release", choices=RELEASE)], "答复",
    )  # fmt: skip

    async def go() -> str:
        release = (given or {})["result"] == "release"
        sentence_of(
            await answer_appeal(visit.desk, one.member_id, one.id, (given or {})["answer"], release=release)
        )
        return "已答复，账户已解冻。" if release else "已答复，账户仍然冻结。"

    if given and await perform(go):
        ui.navigate.to("/appeals")


def _place(after: str) -> After | None:
    parts = after.split("|", 2)
    if len(parts) != 3:
        return None
    opened_at, member_id = instant_in(parts[0]), number_in(parts[1])
    return None if opened_at is None or member_id is None else After(opened_at, member_id, parts[2])


PAGES: Final = (Page("/appeals", "申诉", "members", Action.LOOK_MEMBERS, draw_appeals),)
