"""规则: the sections with what was changed in the draft, and the history of versions."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup, escape
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask
from console.facts import draw_facts, draw_heading, draw_notice
from console.forms.shapes import section_items
from console.frame import draw_title
from console.listing import Column, Listing, draw_listing
from console.markup import Tone, badge, join, link, moment, quiet
from console.page import Page, Visit
from loyalty.engine.feature import RuleText
from loyalty.programme.comparing.differences import differences
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.outline.items import plain_text
from loyalty.programme.publishing.history import Version, history
from loyalty.rule_texts import rule_texts
from operators.roles import Action
from operators.rules import versions as deeds
from operators.rules.drafting import discard, replace_all
from operators.rules.drafts import RuleDraft, body_of, rule_draft, section_title

STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "in_force": ("生效中", "good"),
    "scheduled": ("等待生效", "warn"),
    "replaced": ("已被替换", "quiet"),
    "withdrawn": ("已撤回", "quiet"),
}
MOST_LINES: Final = 200


async def draw_sections(visit: Visit, query: Mapping[str, str]) -> None:
    """Every section, what it is for, and who has changed it in the draft."""
    draft = await rule_draft(visit.pool)
    draw_draft_bar(draft)
    cards = join(_card(draft, key, visit) for key in section_items())
    ui.html(Markup('<div class="cards wide">{}</div>').format(cards), sanitize=False)


def draw_draft_bar(draft: RuleDraft) -> None:
    """A line that says what the draft holds, with the way to look it over."""
    if draft.sections:
        named = "、".join(f"「{section_title(name)}」" for name in draft.sections)
        draw_notice(
            Markup(
                '草稿里有还没发布的改动：{}。会员看到的还是第 {} 版。<a href="/rules/review">看一遍并发布</a>'
            ).format(named, draft.newest)
        )
    elif not draft.newest:
        draw_notice("还没有发布过规则。可以从「导入导出」里选一个行业模板开始，再改成自己的。")


def _card(draft: RuleDraft, key: str, visit: Visit) -> Markup:
    item = section_items()[key]
    value = draft.value(key)
    changed = draft.sections.get(key)
    if changed is not None:
        state = badge(f"{changed.changed_by} 改过，未发布", "warn")
    elif isinstance(value, list):
        state = quiet(f"{len(value)} 项")
    else:
        state = quiet("已设置" if value else "没有设置，用默认")
    return Markup('<a class="card" href="/rules/edit/{}"><h2>{}</h2><p class="quiet">{}</p>{}</a>').format(
        key, item.title, item.help, state
    )


async def draw_history(visit: Visit, query: Mapping[str, str]) -> None:
    """All versions, newest first."""
    versions = await history(visit.pool, visit.desk.now())
    listing = Listing[Version](
        path="/rules/history",
        caption="规则的历史",
        columns=(
            Column("版本", lambda row: link(f"第 {row.version} 版", f"/rules/history/{row.version}")),
            Column("状态", lambda row: badge(*STATES[row.state])),
            Column("生效", lambda row: moment(row.effective_from, visit.zone)),
            Column("发布", lambda row: moment(row.published_at, visit.zone)),
            Column("谁发布的", lambda row: row.published_by),
            Column("原因", lambda row: row.reason),
            Column(
                "对会员不利", lambda row: badge(f"{len(row.losses)} 处", "warn") if row.losses else "没有"
            ),
        ),
        empty="还没有发布过规则。",
    )
    draw_listing(listing, versions, query, None)


async def draw_version(visit: Visit, query: Mapping[str, str]) -> None:
    """One version: who, when, why, what it changed against the one before or another, and the ways back."""
    text = query["version"]
    versions = {one.version: one for one in await history(visit.pool, visit.desk.now())}
    version = versions.get(int(text)) if text.isdecimal() and len(text) < 10 else None
    if version is None:
        ui.html(
            Markup('<p class="empty">没有第 {} 版规则。<a href="/rules/history">回到历史</a></p>').format(
                text[:12]
            ),
            sanitize=False,
        )
        return
    draw_title(f"第 {version.version} 版规则")
    _draw_facts(visit, version)
    _draw_ways(visit, version)
    other = query.get("against", "")
    base = int(other) if other.isdecimal() and int(other[:9]) in versions else version.base
    _draw_choice(version, versions, base)
    await _draw_comparison(visit, base, version.version)


def _draw_facts(visit: Visit, version: Version) -> None:
    draw_facts(
        [
            ("状态", badge(*STATES[version.state])),
            ("生效", moment(version.effective_from, visit.zone)),
            ("发布", moment(version.published_at, visit.zone)),
            ("谁发布的", version.published_by),
            ("原因", version.reason),
            ("立即生效的理由", "法律或主管部门要求" if version.urgent else "–"),
        ]
    )
    if version.losses:
        draw_notice(Markup("对会员不利的地方：<br>{}").format(join(map(escape, version.losses), "<br>")))


def _draw_ways(visit: Visit, version: Version) -> None:
    with ui.row():
        if visit.may(Action.DRAFT_RULES):
            ui.button("照这一版起草", on_click=lambda: _restore(visit, version)).props(
                "outline no-caps data-testid=restore"
            ).classes("act")
        if version.state == "scheduled" and visit.may(Action.PUBLISH_RULES):
            ui.button("撤回这一版", on_click=lambda: _withdraw(visit, version)).props(
                "outline no-caps color=negative data-testid=withdraw"
            ).classes("act")
        ui.html(
            Markup('<a class="button plain" href="/rules/file/{}">下载规则文件</a>').format(version.version),
            sanitize=False,
        )


def _draw_choice(version: Version, versions: Mapping[int, Version], base: int) -> None:
    options = join(
        Markup('<option value="{}"{}>第 {} 版</option>').format(
            number, Markup(" selected") if number == base else "", number
        )
        for number in versions
        if number != version.version
    )
    if options:
        ui.html(
            Markup(
                '<form class="filters" method="get" action="/rules/history/{}"><label><span>和哪一版比</span>'
                '<select name="against">{}</select></label><button class="button" type="submit">比较</button></form>'
            ).format(version.version, options),
            sanitize=False,
        )


async def _draw_comparison(visit: Visit, base: int, number: int) -> None:
    after = await rules_of(visit.pool, number)
    if not base:
        draw_heading("会员读到的规则")
        draw_topics(rule_texts(after))
        return
    before = await rules_of(visit.pool, base)
    draw_heading(f"和第 {base} 版不同的地方")
    draw_said(differences(before, after, plain_text) or ["没有不同。"])


def draw_topics(topics: Sequence[RuleText]) -> None:
    """What members read, each topic under its title."""
    shown = join(
        Markup('<h3>{}</h3><ul class="said">{}</ul>').format(
            topic.title, join(Markup("<li>{}</li>").format(line) for line in topic.sentences)
        )
        for topic in topics
    )
    ui.html(shown, sanitize=False).classes("panel topics")


def draw_said(lines: list[str]) -> None:
    """Lines as a list; a very long one is cut, and says so."""
    shown = join(Markup("<li>{}</li>").format(line) for line in lines[:MOST_LINES])
    more = (
        Markup("<p class='quiet'>还有 {} 处，没有全部列出。</p>").format(len(lines) - MOST_LINES)
        if len(lines) > MOST_LINES
        else ""
    )
    ui.html(Markup('<ul class="said">{}</ul>{}').format(shown, more), sanitize=False).classes("panel")


async def _restore(visit: Visit, version: Version) -> None:
    lead = "会把这一版的内容放进草稿，您可以先看、再改、再发布；现在生效的规则不受影响。"
    if await ask(f"照第 {version.version} 版起草", lead, [], "放进草稿") is None:
        return

    async def restore() -> str:
        changed = await replace_all(visit.desk, body_of(await rules_of(visit.pool, version.version)))
        return (
            f"草稿里有 {len(changed)} 部分和现在不同。"
            if changed
            else "这一版和最新的一版一样，没有放进草稿。"
        )

    if await perform(restore):
        ui.navigate.to("/rules/review")


async def _withdraw(visit: Visit, version: Version) -> None:
    lead = "它仍留在历史里，只是到时候不会生效；已经通知过的会员不会再收到更正，请自己说明。"
    given = await ask(f"撤回第 {version.version} 版", lead, [Ask("reason", "原因")], "撤回", danger=True)

    async def withdraw() -> str:
        await deeds.withdraw_version(visit.desk, version.version, (given or {})["reason"])
        return f"第 {version.version} 版已撤回。"

    if given and await perform(withdraw):
        ui.navigate.to(f"/rules/history/{version.version}")


async def draw_drop(visit: Visit, sections: tuple[str, ...]) -> None:
    """A button that gives up what was changed in these sections."""

    async def drop() -> None:
        lead = "放弃以后就没有了，这几部分回到已经发布的样子。"
        if await ask("放弃改动", lead, [], "放弃", danger=True) is None:
            return

        async def give_up() -> str:
            await discard(visit.desk, sections)
            return "已放弃。"

        if await perform(give_up):
            ui.navigate.to("/rules")

    ui.button("放弃改动", on_click=drop).props("outline no-caps color=negative data-testid=discard").classes(
        "act"
    )


PAGES: Final = (
    Page("/rules", "规则", "rules", Action.LOOK_RULES, draw_sections),
    Page("/rules/history", "历史", "rules", Action.LOOK_RULES, draw_history),
    Page("/rules/history/{version}", "规则的一版", "rules", Action.LOOK_RULES, draw_version, in_menu=False),
)
