"""待处理案件: members who spent far more than usual and can spend nothing now, the evidence, and what an operator decides."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask
from console.facts import draw_facts, draw_notice
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.listings.entries import entry_columns
from console.markup import Tone, badge, link, moment
from console.outcomes import sentence_of
from console.page import Page, Visit
from loyalty.cases.views import After, Case, case_of, list_cases
from loyalty.entries import EntryView
from operators.members.cases import STEP_TITLES, Step, decide_case, evidence_of, timeline_of
from operators.roles import Action
from operators.views.paging import instant_in, number_in

SIZE: Final = 50
STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "open": ("待处理", "warn"), "released": ("已解冻", "good"), "kept": ("维持冻结", "quiet"),
}  # fmt: skip
CAUSES: Final = {
    "usual": "比平时多得多", "hour_times": "一小时次数太多", "hour_points": "一小时积分太多", "day_times": "一天次数太多",
    "day_points": "一天积分太多",
}  # fmt: skip
DECISIONS: Final = {"release": "解冻，可以花积分", "keep": "维持冻结"}


async def draw_cases(visit: Visit, query: Mapping[str, str]) -> None:
    """Cases, newest first; only open ones until somebody asks for others."""
    filters = {"state": "open"} | dict(query) if not query.keys() & {"state", "after"} else dict(query)
    state, cause = filters.get("state", ""), filters.get("cause", "")
    member_id = number_in(query.get("member", ""))
    rows = await list_cases(
        visit.pool, state=state if state in STATES else None, cause=cause if cause in CAUSES else None,
        after=_place(query.get("after", "")), member_id=member_id, limit=SIZE + 1,
    )  # fmt: skip
    listing = Listing[Case](
        path="/cases",
        caption="案件",
        columns=(
            Column("时间", lambda row: moment(row.opened_at, visit.zone)),
            Column("案件", lambda row: link(f"{row.member_id}-{row.number}", _path(row))),
            Column("会员", lambda row: link(f"会员 {row.person_id}", f"/members/{row.person_id}")),
            Column("原因", lambda row: row.sentence),
            Column("状态", lambda row: badge(*STATES[row.state])),
            Column("谁处理的", lambda row: row.decided_by or "–"),
        ),
        empty="没有案件。规则的「风控」一节写明会员短时间最多花多少积分；超过的会暂停花积分，出现在这里等人审核。",
        filtered_empty="没有符合条件的记录。花积分比规则的「风控」一节写的还快的会员，会出现在这里等人审核。",
        filters=(
            Filter("state", "状态", {code: words for code, (words, _) in STATES.items()}),
            Filter("cause", "原因", CAUSES),
            Filter("member", "会员号"),
        ),
    )
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    after = f"{last.opened_at.isoformat()}|{last.member_id}|{last.number}" if last else None
    draw_listing(listing, rows[:SIZE], filters, after)


async def draw_case(visit: Visit, query: Mapping[str, str]) -> None:
    """One case: why, what was spent, what happened since, and the decision."""
    member_id, number = number_in(query["member_id"]), number_in(query["number"])
    case = await case_of(visit.pool, member_id, number) if member_id and number else None
    if case is None:
        ui.html('<p class="empty">没有这个案件。<a href="/cases?state=">回到案件列表</a></p>', sanitize=False)
        return
    draw_title(f"案件 {case.member_id}-{case.number}")
    if case.state == "open":
        draw_notice(
            "这位会员现在不能花积分，得积分照常。请核对是不是本人，再决定解冻还是维持冻结。", bad=True
        )
        if visit.may(Action.DECIDE_CASE):
            button = ui.button("审核", on_click=lambda: _decide(visit, case))
            button.props("unelevated no-caps data-testid=decide").classes("act")
    draw_facts(_facts(visit, case))
    _draw_steps(visit, await timeline_of(visit.pool, case))
    await _draw_evidence(visit, case)


def _facts(visit: Visit, case: Case) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        ("会员", link(f"会员 {case.person_id}", f"/members/{case.person_id}")),
        ("状态", badge(*STATES[case.state])),
        ("原因", case.sentence),
        ("开案时间", moment(case.opened_at, visit.zone)),
    ]
    if case.person_id != case.member_id:
        facts.insert(1, ("当时的会员号", f"{case.member_id}，后来并入会员 {case.person_id}"))
    if case.decided_at is None:
        return facts
    return [
        *facts,
        ("处理时间", moment(case.decided_at, visit.zone)),
        ("谁处理的", case.decided_by),
        ("处理的原因", case.reason),
    ]


def _draw_steps(visit: Visit, steps: Sequence[Step]) -> None:
    listing = Listing[Step](
        path="/cases",
        caption="经过",
        columns=(
            Column("时间", lambda row: moment(row.at, visit.zone)),
            Column("经过", lambda row: STEP_TITLES.get(row.code, row.code)),
            Column("说了什么", lambda row: row.text or "–"),
            Column("操作员", lambda row: row.by or "–"),
        ),
        empty="还没有经过。",
    )
    ui.html("<h2>经过</h2>", sanitize=False)
    draw_listing(listing, steps, {}, None)


async def _draw_evidence(visit: Visit, case: Case) -> None:
    listing = Listing[EntryView](
        path="/cases",
        caption="开案之前的积分流水",
        columns=entry_columns(visit),
        empty="没有流水。",
    )
    ui.html("<h2>开案之前的积分流水</h2>", sanitize=False)
    draw_listing(listing, await evidence_of(visit.pool, case), {}, None)


async def _decide(visit: Visit, case: Case) -> None:
    lead = Markup("{}。会员会在公众号里收到下面的原因；会员有申诉在等的，也一起答复。").format(case.sentence)
    given = await ask(
        "审核案件", lead,
        [Ask("result", "处理结果", "choice", value="release", choices=DECISIONS), Ask("reason", "原因")], "确定",
    )  # fmt: skip

    async def go() -> str:
        release = (given or {})["result"] == "release"
        sentence_of(
            await decide_case(
                visit.desk, case.member_id, case.number, (given or {})["reason"], release=release
            )
        )
        return "已解冻，会员又可以花积分了。" if release else "维持冻结，会员会收到原因。"

    if given and await perform(go):
        ui.navigate.to(_path(case))


def _path(case: Case) -> str:
    return f"/cases/{case.member_id}/{case.number}"


def _place(after: str) -> After | None:
    parts = after.split("|", 2)
    if len(parts) != 3:
        return None
    opened_at, member_id, number = instant_in(parts[0]), number_in(parts[1]), number_in(parts[2])
    if opened_at is None or member_id is None or number is None:
        return None
    return After(opened_at, member_id, number)


PAGES: Final = (
    Page("/cases", "待处理案件", "members", Action.LOOK_MEMBERS, draw_cases),
    Page("/cases/{member_id}/{number}", "案件", "members", Action.LOOK_MEMBERS, draw_case, in_menu=False),
)
