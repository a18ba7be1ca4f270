"""看一遍并发布: what the draft changes, what gets worse for whom, what it would have cost, and its publication."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from markupsafe import Markup, escape
from nicegui import ui

from console import jobs
from console.acting import perform
from console.facts import draw_heading, draw_notice
from console.jobs import Job
from console.markup import join
from console.page import Page, Visit
from console.pages.rules import draw_drop, draw_said
from loyalty.backtest import Plan, backtest
from loyalty.features import FEATURES
from loyalty.programme.differences import differences
from loyalty.programme.favour import NOTICE, losses, plain_losses
from loyalty.programme.outline import plain_text
from loyalty.programme.publication import objections
from loyalty.programme.rules import RuleSet
from operators.drafts import RuleDraft, Terms, checked, publish_draft, rule_draft, section_title
from operators.roles import Action
from operators.views.backtests import told

DAYS: Final = {30: "最近 30 天", 90: "最近 90 天", 365: "最近一年"}


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
            _draw_backtest(visit, rules)
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


def _draw_backtest(visit: Visit, rules: RuleSet) -> None:
    draw_heading("假如以前就用这份规则")
    with ui.element("div").classes("panel"):
        days = ui.select(DAYS, value=30, label="重放").props("outlined dense")
        ui.button("算一算谁多得、谁少得", on_click=lambda: begin(int(days.value))).props(
            "outline no-caps data-testid=backtest"
        ).classes("act")

    def begin(span: int) -> None:
        now = visit.desk.now()
        since = now - timedelta(days=span)

        async def work(job: Job) -> list[str]:
            found = await backtest(
                visit.pool,
                Plan(rules, since),
                now,
                visit.resources.settings.keyring,
                job.progress,
                zone=visit.zone,
            )
            return list(told(found, f"{since.astimezone(visit.zone):%Y-%m-%d %H:%M}", checking=False))

        job = jobs.start(f"回测草稿（{DAYS[span]}）", visit.desk.operator.name, now, work)
        ui.navigate.to(f"/jobs/{job.number}")


def _draw_publication(visit: Visit, draft: RuleDraft, rules: RuleSet) -> None:
    worse = bool(draft.before and losses(draft.before, rules))
    earliest = (visit.desk.now() + NOTICE).astimezone(visit.zone) + timedelta(minutes=5)
    draw_heading("发布")
    with ui.element("div").classes("panel group"):
        when = ui.input(
            label="什么时候生效（不填就是立即）", value=f"{earliest:%Y-%m-%dT%H:%M}" if worse else ""
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
        async def go() -> str:
            terms = Terms(
                str(reason.value or "").strip(), _instant(visit, str(when.value or "")), bool(replaced.value), bool(urgent.value),
                date.fromisoformat(until.value) if until.value else None,
            )  # fmt: skip
            version = await publish_draft(visit.desk, terms, newest_seen=draft.newest)
            return f"已发布为第 {version} 版。"

        if await perform(go):
            ui.navigate.to("/rules/history")

    ui.button("发布", icon="publish", on_click=publish).props(
        "unelevated no-caps data-testid=publish"
    ).classes("act")


def _instant(visit: Visit, text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=visit.zone) if text else None


PAGES: Final = (Page("/rules/review", "草稿", "rules", Action.LOOK_RULES, draw_review),)
