"""看一遍并发布: what the draft changes, what gets worse for whom, what it would have cost, and its publication."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from markupsafe import Markup, escape
from nicegui import ui

from console.acting import perform
from console.facts import draw_heading, draw_notice
from console.markup import join, link
from console.page import Page, Visit
from console.pages.backtesting import draw_backtest, figures_of
from console.pages.rules import draw_drop, draw_said
from loyalty.features import FEATURES
from loyalty.programme.comparing.differences import differences
from loyalty.programme.comparing.favour import NOTICE, losses, plain_losses
from loyalty.programme.outline.items import plain_text
from loyalty.programme.publishing.draft import Terms, local
from loyalty.programme.publishing.publication import objections
from loyalty.programme.rules import RuleSet
from operators.approvals.rows import Approval
from operators.roles import Action
from operators.rules.drafts import RuleDraft, checked, rule_draft, section_title
from operators.rules.publishing import publish_draft
from operators.rules.requests import waiting_requests

TO_DECIDE: Final = timedelta(days=2)
"""How long a second person has by default."""


async def draw_review(visit: Visit, query: Mapping[str, str]) -> None:
    """The draft as a whole."""
    draft = await rule_draft(visit.pool)
    if not draft.sections:
        ui.html('<p class="empty">草稿里没有改动。<a href="/rules">去改规则</a></p>', sanitize=False)
        return
    rules, faults = checked(draft.body)
    _draw_authors(draft)
    if rules is None:
        draw_notice(
            Markup("还有 {} 处要改，改好才能发布：<br>{}").format(
                len(faults),
                join(
                    (escape(f"{plain_text(fault.where)}：{fault.sentence}") for fault in faults[:20]), "<br>"
                ),
            ),
            bad=True,
        )
    else:
        _draw_changes(draft, rules)
        if draft.before:
            draw_backtest(visit, rules)
        await _draw_requests(visit, rules)
        if visit.may(Action.PUBLISH_RULES):
            _draw_publication(visit, draft, rules)
    if visit.may(Action.DRAFT_RULES):
        await draw_drop(visit, tuple(draft.sections))


def _draw_authors(draft: RuleDraft) -> None:
    told = join(
        (
            Markup('<a href="/rules/edit/{}">{}</a>（{}）').format(name, section_title(name), one.changed_by)
            for name, one in draft.sections.items()
        ),
        "、",
    )
    ui.html(Markup("<p>改动的部分：{}</p>").format(told), sanitize=False)
    for name in draft.overtaken:
        draw_notice(
            f"「{section_title(name)}」在草稿改动以后又发布过新的，现在发布会盖掉那次改动。请放弃这一部分，在新的上面再改。",
            bad=True,
        )


def _draw_changes(draft: RuleDraft, rules: RuleSet) -> None:
    if draft.before is None:
        draw_notice("这是第一版规则，发布以后会员就能用了。")
        return
    draw_heading("改了什么")
    draw_said(differences(draft.before, rules, plain_text) or ["和现在的规则没有不同。"])
    if worse := plain_losses(draft.before, rules):
        lines = join(map(escape, worse), "<br>")
        draw_notice(
            Markup("<b>对会员不利的地方</b>，至少要提前 {} 天公布，会员都会收到通知：<br>{}").format(
                NOTICE.days, lines
            ),
            bad=True,
        )
    else:
        draw_notice("对每位会员都只好不坏，可以立即生效。")
    for sentence in objections(rules, FEATURES):
        draw_notice(sentence, bad=True)


async def _draw_requests(visit: Visit, rules: RuleSet) -> None:
    """What waits for a second person already, and whether it is this draft."""
    for number, who, digest in await waiting_requests(visit.pool, visit.desk.now()):
        same = (
            "就是现在的草稿"
            if digest == rules.digest
            else "和现在的草稿不同；批准的话，发布的是申请时的那一份"
        )
        look = link("看这个申请", f"/approvals/{number}")
        draw_notice(Markup("{}已经申请发布，正在等另一个人批准，{}。{}").format(who, same, look))


def _draw_publication(visit: Visit, draft: RuleDraft, rules: RuleSet) -> None:
    worse = bool(draft.before and losses(draft.before, rules))
    asks = worse and not visit.may(Action.PUBLISH_UNFAVOURABLE)
    earliest = visit.desk.now() + NOTICE + (TO_DECIDE if asks else timedelta(minutes=5))
    draw_heading("申请发布" if asks else "发布")
    if asks:
        draw_notice("对会员不利的改动要由另一个人批准。最晚要在生效前 7 天批准，过了就要重新申请。")
    with ui.element("div").classes("panel group"):
        when = ui.input(
            label="什么时候生效（不填就是立即）",
            value=f"{earliest.astimezone(visit.zone):%Y-%m-%dT%H:%M}" if worse else "",
        )
        when.props('outlined dense type="datetime-local" stack-label data-testid=when')
        until = ui.input(label="过渡期到哪一天（礼品涨价时，老积分按原价，可不填）").props(
            'outlined dense type="date" stack-label'
        )
        reason = ui.input(label="为什么改（改动对会员不利时，会员会看到）").props(
            "outlined dense maxlength=200 data-testid=reason"
        )
        urgent = ui.switch("法律或主管部门要求，不等 7 天（会一直记在这一版上）")
        urgent.set_visibility(worse and visit.role == "owner")
        replaced = ui.switch("已经有排定的版本时，只用到那一版生效为止")

    async def publish() -> None:
        done: list[int | Approval] = []

        async def go() -> str:
            terms = Terms(
                str(reason.value or "").strip(), _instant(visit, str(when.value or "")), bool(replaced.value), bool(urgent.value),
                date.fromisoformat(until.value) if until.value else None,
            )  # fmt: skip
            figures = await figures_of(visit, rules)
            done.append(await publish_draft(visit.desk, terms, newest_seen=draft.newest, figures=figures))
            return _done(visit, done[0])

        if await perform(go):
            ui.navigate.to("/rules/history" if isinstance(done[0], int) else f"/approvals/{done[0].id}")

    ui.button("申请发布" if asks else "发布", icon="publish", on_click=publish).props(
        "unelevated no-caps data-testid=publish"
    ).classes("act")


def _done(visit: Visit, done: int | Approval) -> str:
    if isinstance(done, int):
        return f"已发布为第 {done} 版。"
    last = local(done.expires_at, visit.zone)
    return f"已经提交申请，请另一个人在 {last} 以前批准；现在还没有发布。"


def _instant(visit: Visit, text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=visit.zone) if text else None


PAGES: Final = (Page("/rules/review", "草稿", "rules", Action.LOOK_RULES, draw_review),)
