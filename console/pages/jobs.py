"""任务: long work with its progress and its result."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.frame import draw_title
from console.jobs import Job, find, jobs
from console.listing import Column, Listing, draw_listing
from console.markup import badge, link, moment
from console.page import Page, Visit
from console.pages.rules import draw_said
from operators.roles import Action

LOOK_S: Final = 1.0


def _state(job: Job) -> Markup:
    if job.running:
        return badge("进行中", "warn")
    if job.stopped:
        return badge("已停止", "quiet")
    return badge("没有做完", "bad") if job.error else badge("完成", "good")


async def draw_jobs(visit: Visit, query: Mapping[str, str]) -> None:
    """All jobs of this console, newest first."""
    listing = Listing[Job](
        path="/jobs",
        caption="任务",
        columns=(
            Column("任务", lambda job: link(job.title, f"/jobs/{job.number}")),
            Column("状态", _state),
            Column("谁开始的", lambda job: job.by),
            Column("开始", lambda job: moment(job.begun_at, visit.zone)),
        ),
        empty="没有任务。回测、导入、导出这类要花时间的事会列在这里，关掉浏览器也会继续做。",
    )
    draw_listing(listing, jobs(), query, None)


async def draw_job(visit: Visit, query: Mapping[str, str]) -> None:
    """One job: how far it is, a way to stop it, and its result."""
    job = find(int(query["number"])) if query["number"].isdecimal() and len(query["number"]) < 10 else None
    if job is None:
        ui.html(
            '<p class="empty">没有这个任务；后台重新启动以后，以前的任务就不再列出。<a href="/jobs">回到任务</a></p>',
            sanitize=False,
        )
        return
    draw_title(job.title)
    draw_progress(job)


def draw_progress(job: Job) -> None:
    """A job's progress, redrawn while it runs, and then its result."""

    @ui.refreshable
    def inner() -> None:
        with ui.element("div").classes("panel"):
            ui.html(Markup("<p>{}</p>").format(_state(job)), sanitize=False)
            if job.running:
                ui.linear_progress(value=job.done / job.total if job.total else 0, show_value=False).props(
                    'aria-label="进度"'
                )
                told = f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}"
                ui.html(Markup('<p class="quiet">{}</p>').format(told), sanitize=False)
                ui.button("停止", on_click=job.stop).props(
                    "outline no-caps color=negative data-testid=stop"
                ).classes("act")
            elif job.error:
                ui.html(Markup('<p class="notice bad">{}</p>').format(job.error), sanitize=False)
        if job.lines:
            draw_said(job.lines)

    def look() -> None:
        inner.refresh()
        if not job.running:
            timer.cancel()

    inner()
    timer = ui.timer(LOOK_S, look, active=job.running)


PAGES: Final = (
    Page("/jobs", "任务", "jobs", Action.LOOK_RULES, draw_jobs),
    Page("/jobs/{number}", "任务", "jobs", Action.LOOK_RULES, draw_job, in_menu=False),
)
