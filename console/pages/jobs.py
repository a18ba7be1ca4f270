"""任务: long work with its progress and its result."""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.frame import draw_title
from console.guard import desk_at
from console.jobs import Job, find, jobs
from console.listing import Column, Listing, draw_listing
from console.markup import badge, join, link, moment
from console.page import Page, Visit
from console.pages.rules import draw_said
from operators.roles import Action, may

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
    if not visit.may(job.action):
        ui.html('<p class="empty">您的角色不能看这个任务。<a href="/jobs">回到任务</a></p>', sanitize=False)
        return
    draw_progress(visit, job)


def draw_progress(visit: Visit, job: Job) -> None:
    """A job's progress, redrawn while it runs, and then its result; its files and its next step for whoever began it."""
    own = job.by == visit.desk.operator.name

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
                if own or visit.role == "owner":
                    ui.button("停止", on_click=lambda: _stop(visit, job)).props(
                        "outline no-caps color=negative data-testid=stop"
                    ).classes("act")
            elif job.error:
                ui.html(Markup('<p class="notice bad">{}</p>').format(job.error), sanitize=False)
        if job.lines:
            draw_said(job.lines)
        if own and not job.running:
            _draw_next(job)

    def look() -> None:
        inner.refresh()
        if not job.running:
            timer.cancel()

    inner()
    timer = ui.timer(LOOK_S, look, active=job.running)


async def _stop(visit: Visit, job: Job) -> None:
    async def go() -> str:
        await visit.desk.require(job.action)
        job.stop()
        return "任务会在这一步做完以后停下。"

    await perform(go)


def _draw_next(job: Job) -> None:
    links = (
        link(f"下载 {path.name}", f"/jobs/{job.number}/files/{place}", "button")
        for place, path in enumerate(job.files)
    )
    ui.html(Markup("<p>{}</p>").format(join(links, " ")), sanitize=False)
    if job.follow is not None:
        words, begin = job.follow

        def go() -> None:
            job.follow = None
            ui.navigate.to(f"/jobs/{begin().number}")

        ui.button(words, on_click=go).props("unelevated no-caps data-testid=follow").classes("act")


def add_job_files(app: FastAPI) -> None:
    """Add the files that jobs have made, for whoever began the job."""

    async def download(request: Request, number: int, place: int) -> Response:
        desk, job = desk_at(request), find(number)
        if job is None or not 0 <= place < len(job.files) or not job.files[place].exists():
            return PlainTextResponse("没有这个文件；后台重新启动以后，以前的文件就不再保留。", 404)
        if job.by != desk.operator.name or not may(desk.operator.role, job.action):
            return PlainTextResponse("只有开始这个任务的人能下载它的文件。", 403)
        return FileResponse(job.files[place], filename=job.files[place].name)

    app.add_api_route("/jobs/{number}/files/{place}", download, methods=["GET"])


PAGES: Final = (
    Page("/jobs", "任务", "jobs", Action.LOOK_RULES, draw_jobs),
    Page("/jobs/{number:int}", "任务", "jobs", Action.LOOK_RULES, draw_job, in_menu=False),
)
