"""One section of the rules, or one element of a list, as a form; with what is wrong, and what members will read."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.facts import draw_notice
from console.forms.draw import draw_item, draw_shape
from console.forms.form import Form
from console.forms.places import new_element, put_at, title_of, value_at
from console.forms.shapes import Group, Item, Many, section_items
from console.forms.summaries import summary_of
from console.frame import draw_title
from console.listing import Column, Listing, table
from console.markup import join, link
from console.page import Page, Visit
from console.pages.rules import draw_draft_bar, draw_drop
from loyalty.programme.declaring.faults import Where
from loyalty.programme.outline.items import plain_text
from loyalty.programme.rules import RuleSet
from loyalty.rule_texts import rule_texts
from operators.roles import Action
from operators.rules.drafting import save_section
from operators.rules.drafts import RuleDraft, checked, rule_draft

WAIT_S: Final = 0.5
MOST_FAULTS: Final = 8
NEW: Final = "new"


def _section(query: Mapping[str, str]) -> Item | None:
    item = section_items().get(query["section"])
    if item is None:
        ui.html('<p class="empty">规则里没有这一部分。<a href="/rules">回到规则</a></p>', sanitize=False)
    return item


async def draw_section(visit: Visit, query: Mapping[str, str]) -> None:
    """A section; one that is a list of things shows the list, and each thing has a form of its own."""
    item = _section(query)
    if item is None:
        return
    draft = await rule_draft(visit.pool)
    _draw_lead(item, draft)
    if isinstance(item.shape, Many) and isinstance(item.shape.element, Group):
        await _draw_elements(visit, item, draft, item.shape.element)
        return
    await _draw_editor(visit, item, draft, (item.key,))


async def draw_element(visit: Visit, query: Mapping[str, str]) -> None:
    """One element of a section that is a list; `new` adds one at the end."""
    item = _section(query)
    if item is None:
        return
    draft = await rule_draft(visit.pool)
    elements = draft.value(item.key) or []
    place = len(elements) if query["place"] == NEW else _number(query["place"])
    if not isinstance(item.shape, Many) or not 0 <= place <= len(elements):
        ui.html(
            Markup(
                '<p class="empty">没有这一项，可能刚被删掉了。<a href="/rules/edit/{}">回到列表</a></p>'
            ).format(item.key),
            sanitize=False,
        )
        return
    draw_title(title_of(elements[place], place) if place < len(elements) else f"添加{item.title}")
    ui.html(Markup('<p><a href="/rules/edit/{}">‹ {}</a></p>').format(item.key, item.title), sanitize=False)
    await _draw_editor(visit, item, draft, (item.key, place))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _draw_lead(item: Item, draft: RuleDraft) -> None:
    draw_title(item.title)
    ui.html(
        Markup('<p><a href="/rules">‹ 规则</a></p><p class="quiet">{}</p>').format(item.help), sanitize=False
    )
    draw_draft_bar(draft)
    if item.key in draft.overtaken:
        draw_notice("这一部分在您改动以后又发布过新的。请放弃草稿里的改动，在新的上面再改。", bad=True)


async def _draw_elements(visit: Visit, item: Item, draft: RuleDraft, element: Group) -> None:
    elements: list[Any] = draft.value(item.key) or []
    rows = list(enumerate(elements))
    listing = Listing[tuple[int, Any]](
        path=f"/rules/edit/{item.key}",
        caption=item.title,
        columns=(
            Column("名称", lambda row: link(title_of(row[1], row[0]), f"/rules/edit/{item.key}/{row[0]}")),
            Column("编号", lambda row: row[1].get("id", "–") if isinstance(row[1], dict) else "–"),
            Column("内容", lambda row: summary_of(element, row[1])),
        ),
        empty=f"还没有{item.title}。点「添加」就能加一项。",
    )
    if visit.may(Action.DRAFT_RULES):
        ui.html(
            Markup('<p><a class="button" href="/rules/edit/{}/{}" data-testid="add">添加{}</a></p>').format(
                item.key, NEW, item.title
            ),
            sanitize=False,
        )
    ui.html(table(listing, rows, {}), sanitize=False)
    if item.key in draft.sections and visit.may(Action.DRAFT_RULES):
        await draw_drop(visit, (item.key,))


async def _draw_editor(visit: Visit, item: Item, draft: RuleDraft, where: Where) -> None:
    """The form at a place of the draft, checked as one types, and saved as the whole section."""
    body = copy.deepcopy(draft.body)
    if len(where) > 1 and value_at(body, where) is None and isinstance(item.shape, Many):
        put_at(body, where, new_element(item.shape.element, value_at(body, where[:1]) or [], item.key))
    before = _sentences(checked(draft.body)[0])
    timer: list[ui.timer] = []

    def changed() -> None:
        for one in timer:
            one.cancel()
        timer[:] = [ui.timer(WAIT_S, look, once=True)]

    if not visit.may(Action.DRAFT_RULES):
        draw_notice("您的角色只看规则：这里改的不会保存。")
    form = Form(body, changed)
    with ui.element("div").classes("panel"):
        if isinstance(item.shape, Many) and len(where) > 1:
            draw_shape(form, item.shape.element, where)
        elif item.required and isinstance(item.shape, Group):
            draw_shape(form, item.shape, where)
        else:
            draw_item(form, Item(item.key, item.title, "", item.shape, item.required, item.default), where)
    with ui.element("div").classes("save-bar"):
        said = ui.html("", sanitize=False).classes("grow").props('role="status"')
        if visit.may(Action.DRAFT_RULES):
            await _draw_ways(visit, item, draft, form, where)

    def look() -> None:
        rules, faults = checked(body)
        own = [fault for fault in faults if fault.where[:1] == where[:1]]
        form.show_faults(own)
        said.content = _told(
            [f"{plain_text(fault.where)}：{fault.sentence}" for fault in own], before, _sentences(rules)
        )

    look()


async def _draw_ways(visit: Visit, item: Item, draft: RuleDraft, form: Form, where: Where) -> None:
    back = f"/rules/edit/{item.key}" if len(where) > 1 else "/rules"

    async def save() -> None:
        async def keep() -> str:
            await save_section(visit.desk, item.key, form.get((item.key,)), draft.edition(item.key))
            return "已存进草稿，还没有发布。"

        if await perform(keep):
            ui.navigate.to(back)

    async def remove() -> None:
        async def drop() -> str:
            elements = [one for place, one in enumerate(draft.value(item.key) or []) if place != where[1]]
            await save_section(visit.desk, item.key, elements or None, draft.edition(item.key))
            return "已从草稿里去掉，还没有发布。"

        if await perform(drop):
            ui.navigate.to(back)

    if len(where) > 1 and value_at(draft.body, where) is not None:
        ui.button("删除这一项", on_click=remove).props(
            "outline no-caps color=negative data-testid=remove"
        ).classes("act")
    ui.html(Markup('<a class="button plain" href="{}">不改了</a>').format(back), sanitize=False)
    ui.button("存进草稿", on_click=save).props("unelevated no-caps data-testid=save").classes("act")


def _sentences(rules: RuleSet | None) -> list[str] | None:
    return (
        None if rules is None else [sentence for topic in rule_texts(rules) for sentence in topic.sentences]
    )


def _told(faults: list[str], before: list[str] | None, after: list[str] | None) -> Markup:
    """What is wrong; otherwise what members will read anew, or will read no more."""
    if faults:
        more = [f"还有 {len(faults) - MOST_FAULTS} 处……"] if len(faults) > MOST_FAULTS else []
        lines = join(Markup("<li>{}</li>").format(line) for line in [*faults[:MOST_FAULTS], *more])
        return Markup('<b class="loss">还有 {} 处要改</b><ul class="said">{}</ul>').format(len(faults), lines)
    if after is None:
        return Markup('<span class="quiet">这一部分没有问题；别的部分还有要改的地方。</span>')
    come = [line for line in after if line not in (before or [])]
    gone = [line for line in before or [] if line not in after]
    if not come and not gone:
        return Markup('<span class="quiet">会员读到的规则没有变化。</span>')
    told = [Markup('<li class="diff-new">{}</li>').format(line) for line in come]
    told += [Markup('<li class="diff-old">{}</li>').format(line) for line in gone]
    return Markup('<b>会员会读到</b><ul class="said">{}</ul>').format(join(told))


PAGES: Final = (
    Page("/rules/edit/{section}", "改规则", "rules", Action.LOOK_RULES, draw_section, in_menu=False),
    Page("/rules/edit/{section}/{place}", "改规则", "rules", Action.LOOK_RULES, draw_element, in_menu=False),
)
