"""The back-test of rules that are not published: a job, whose lines are found again by the digest of the rules."""

from datetime import timedelta
from typing import Final

from nicegui import ui

from console import jobs
from console.facts import draw_heading
from console.jobs import Job
from console.page import Visit
from loyalty.backtest import Plan, backtest
from loyalty.programme.rules import RuleSet
from operators.views.backtests import told

DAYS: Final = {30: "最近 30 天", 90: "最近 90 天", 365: "最近一年"}


def draw_backtest(visit: Visit, rules: RuleSet) -> None:
    """A choice of days, and a button that begins the back-test."""
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

        title, by = f"回测草稿（{DAYS[span]}）", visit.desk.operator.name
        job = jobs.start(title, by, now, work, subject=rules.digest)
        ui.navigate.to(f"/jobs/{job.number}")


def figures_of(rules: RuleSet) -> list[str]:
    """The lines of the newest back-test of these rules that this process remembers."""
    return next((job.lines for job in jobs.jobs() if job.subject == rules.digest and job.lines), [])
