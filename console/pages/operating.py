"""系统: operators and their sessions, and the operation log."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup, escape
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask, tell
from console.facts import draw_heading
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.live_rules import rules_now, store_names
from console.markup import badge, join, link, moment, quiet
from console.page import Page, Visit
from operators.access.people import (
    Listed,
    add_operator,
    disable_operator,
    enable_operator,
    end_all_sessions,
    list_operators,
    reset_operator,
)
from operators.log import Operation
from operators.operation_log.pages import After, Filters, list_operations
from operators.operation_log.words import told
from operators.roles import ROLE_NAMES, Action
from operators.rules.drafts import section_title
from operators.sessions import Session, list_sessions
from operators.views.paging import instant_in, number_in

LOG_PAGE: Final = 50


async def draw_operators(visit: Visit, query: Mapping[str, str]) -> None:
    """Who may log in, and who is logged in now."""
    listed = await list_operators(visit.pool)
    stores = store_names(await rules_now(visit))
    listing = Listing[Listed](
        path="/system/operators",
        caption="操作员",
        columns=(
            Column("名字", lambda row: link(row.operator.name, f"/system/operators/{row.operator.name}")),
            Column("角色", lambda row: row.operator.role_name),
            Column("门店", lambda row: stores.get(row.operator.store or "", row.operator.store or "–")),
            Column("状态", _state),
            Column("加入", lambda row: moment(row.created_at, visit.zone)),
        ),
        empty="还没有操作员。",
    )
    ui.button("添加操作员", icon="person_add", on_click=lambda: _add(visit, stores)).props(
        "unelevated no-caps data-testid=add-operator"
    ).classes("act")
    draw_listing(listing, listed, query, None)
    draw_heading("正在登录的")
    sessions = Listing[Session](
        path="/system/operators",
        caption="正在登录的",
        columns=(
            Column("操作员", lambda row: row.operator),
            Column("来自", lambda row: row.origin),
            Column("登录", lambda row: moment(row.created_at, visit.zone)),
            Column("最近操作", lambda row: moment(row.seen_at, visit.zone)),
        ),
        empty="没有人在登录。",
    )
    draw_listing(sessions, await list_sessions(visit.pool, visit.desk.now()), {}, None)


def _state(row: Listed) -> Markup:
    if row.disabled_at is not None:
        return badge("已停用", "bad")
    return badge("还没设置密码", "warn") if row.once_until is not None else badge("正常", "good")


async def draw_operator(visit: Visit, query: Mapping[str, str]) -> None:
    """One operator, what can be done about them, and what they did last."""
    name = query["name"]
    row = next((one for one in await list_operators(visit.pool) if one.operator.name == name), None)
    if row is None:
        ui.html(
            Markup(
                '<p class="empty">没有名为「{}」的操作员。<a href="/system/operators">回到操作员列表</a></p>'
            ).format(name[:40]),
            sanitize=False,
        )
        return
    draw_title(name)
    ui.html(join([escape(row.operator.role_name), " ", _state(row)]), sanitize=False)
    with ui.row():
        if row.disabled_at is None:
            ui.button("停用", on_click=lambda: _change(visit, name, "停用")).props(
                "outline no-caps color=negative data-testid=disable"
            ).classes("act")
        else:
            ui.button("启用", on_click=lambda: _change(visit, name, "启用")).props(
                "outline no-caps data-testid=enable"
            ).classes("act")
        ui.button("全部退出登录", on_click=lambda: _change(visit, name, "退出登录")).props(
            "outline no-caps data-testid=end-sessions"
        ).classes("act")
        ui.button("重设密码", on_click=lambda: _change(visit, name, "重设密码")).props(
            "outline no-caps data-testid=reset"
        ).classes("act")
    draw_heading("最近的操作")
    operations = await list_operations(visit.pool, Filters(operator=name), limit=LOG_PAGE)
    draw_listing(_log_listing(visit, f"/system/operators/{name}", ()), operations, query, None)


async def _add(visit: Visit, stores: Mapping[str, str]) -> None:
    roles = {str(code): title for code, title in ROLE_NAMES.items()}
    given = await ask(
        "添加操作员", "添加以后会得到一个一次性密码，请私下告诉本人；三天内第一次登录时设置自己的密码和验证器。",
        [
            Ask("name", "名字", hint="例如：小王"),
            Ask("role", "角色", "choice", choices=roles, value="clerk"),
            Ask("store", "门店（只有店员要选）", "choice", choices={"": "不属于门店", **stores}, required=False),
        ],
        "添加",
    )  # fmt: skip
    if not given:
        return
    once: list[str] = []

    async def add() -> str:
        once.append(await add_operator(visit.desk, given["name"], given["role"], given["store"] or None))
        return f"「{given['name']}」已添加。"

    if await perform(add):
        await _show_once(given["name"], once[0])
        ui.navigate.to("/system/operators")


async def _change(visit: Visit, name: str, what: str) -> None:
    leads = {
        "停用": "停用以后马上退出登录，再也进不来；做过的操作都还在记录里。",
        "启用": "启用以后可以用原来的密码登录。",
        "退出登录": "在所有地方马上退出登录；可以用原来的密码再登录。用在电脑丢了、人不在的时候。",
        "重设密码": "原来的密码和验证器马上作废，会得到一个新的一次性密码。",
    }
    given = await ask(f"{what}「{name}」", leads[what], [Ask("reason", "原因")], what, danger=what != "启用")
    if not given:
        return
    once: list[str] = []

    async def change() -> str:
        if what == "停用":
            await disable_operator(visit.desk, name, given["reason"])
        elif what == "启用":
            await enable_operator(visit.desk, name, given["reason"])
        elif what == "退出登录":
            await end_all_sessions(visit.desk, name, given["reason"])
        else:
            once.append(await reset_operator(visit.desk, name, given["reason"]))
        return f"「{name}」已{what}。"

    if await perform(change):
        if once:
            await _show_once(name, once[0])
        ui.navigate.to(f"/system/operators/{name}")


async def _show_once(name: str, password: str) -> None:
    told = Markup("它只显示这一次，三天内有效。<br><code data-testid='once'>{}</code>").format(password)
    await tell(f"「{name}」的一次性密码", told)


async def draw_log(visit: Visit, query: Mapping[str, str]) -> None:
    """The operation log, newest first: of everybody, or one's own."""
    everybody = visit.may(Action.LOG_ALL)
    action = query.get("action", "")
    filters = Filters(
        operator=(query.get("operator", "")[:40] or None) if everybody else visit.desk.operator.name,
        action=action if action in set(Action) else None,
    )
    rows = await list_operations(visit.pool, filters, _place(query.get("after", "")), limit=LOG_PAGE + 1)
    shown = (Filter("action", "做了什么", {one.value: one.label for one in Action}),)
    listing = _log_listing(
        visit, "/system/log", ((Filter("operator", "操作员"), *shown) if everybody else shown)
    )
    last = rows[LOG_PAGE - 1] if len(rows) > LOG_PAGE else None
    draw_listing(
        listing, rows[:LOG_PAGE], query, f"{last.at.isoformat()}|{last.member_id}|{last.id}" if last else None
    )


def _log_listing(visit: Visit, path: str, filters: tuple[Filter, ...]) -> Listing[Operation]:
    return Listing(
        path=path,
        caption="操作日志",
        columns=(
            Column("时间", lambda row: moment(row.at, visit.zone)),
            Column("操作员", lambda row: f"{row.operator}（{row.role_name}）"),
            Column("做了什么", lambda row: row.label),
            Column(
                "对象",
                lambda row: (
                    link(f"会员 {row.member_id}", f"/members/{row.member_id}")
                    if row.member_id
                    else _subject(row) or "–"
                ),
            ),
            Column("之前", lambda row: _values(row.before)),
            Column("之后", lambda row: _values(row.after)),
            Column("原因", lambda row: row.reason or "–"),
            Column("来自", lambda row: quiet(row.origin)),
        ),
        empty="还没有操作。每一次改动都会在这里留下一行：谁、什么时候、做了什么、为什么。",
        filters=filters,
    )


def _subject(row: Operation) -> str:
    """What the operation was about; sections of the rules have their titles."""
    if row.action != Action.DRAFT_RULES:
        return row.subject
    return "、".join(section_title(one) for one in row.subject.split("、"))


def _values(values: Mapping[str, object]) -> Markup:
    lines = [Markup("{}：{}").format(*one) for one in told(values)]
    return join(lines, "<br>") if lines else escape("–")


def _place(after: str) -> After | None:
    parts = after.split("|", 2)
    if len(parts) != 3:
        return None
    at, member_id = instant_in(parts[0]), number_in(parts[1])
    return None if at is None or member_id is None else After(at, member_id, parts[2])


PAGES: Final = (
    Page("/system/operators", "操作员", "system", Action.OPERATORS, draw_operators),
    Page("/system/operators/{name}", "操作员", "system", Action.OPERATORS, draw_operator, in_menu=False),
    Page("/system/log", "操作日志", "system", Action.LOG_OWN, draw_log),
)
