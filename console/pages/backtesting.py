"""The back-test of rules that are not published: a job, whose lines are found again by the digest of the rules."""

from datetime import timedelta
from typing import Final

from nicegui import ui

from console.acting import perform
from console.facts import draw_heading
from console.page import Visit
from loyalty.programme.rules import RuleSet
from operators.jobs.asking import begin_job
from operators.jobs.rows import newest_about

DAYS: Final = {30: "最近 30 天", 90: "最近 90 天", 365: "最近一年"}


def draw_backtest(visit: Visit, rules: RuleSet) -> None:
    """A choice of days, and a button that begins the back-test."""
    draw_heading("假如以前就用这份规则")
    with ui.element("div").classes("panel"):
        days = ui.select(DAYS, value=30, label="重放").props("outlined dense")
        ui.button("算一算谁多得、谁少得", on_click=lambda: begin(int(days.value))).props(
            "outline no-caps data-testid=backtest"
        ).classes("act")

    async def begin(span: int) -> None:
        begun: list[int] = []

        async def go() -> str:
            since = visit.desk.now() - timedelta(days=span)
            given = {"rules": rules.model_dump(mode="json"), "since": since.isoformat()}
            title = f"回测草稿（{DAYS[span]}）"
            begun.append(await begin_job(visit.desk, "backtest", title, given, subject=rules.digest))
            return "开始回测。"

        if await perform(go):
            ui.navigate.to(f"/jobs/{begun[0]}")


async def figures_of(visit: Visit, rules: RuleSet) -> list[str]:
    """The lines of the newest back-test of these rules; empty before there was one."""
    job = await newest_about(visit.pool, rules.digest)
    return list(job.lines) if job else []
