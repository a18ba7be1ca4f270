"""任务: long work with its progress and its result. The rows are read anew, because any process may work at a job."""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.facts import draw_facts
from console.frame import draw_title
from console.guard import desk_at
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, badge, join, link, moment
from console.page import Page, Visit
from console.pages.rules import draw_said
from operators.jobs.asking import restart_job, stop_job, take_next_step
from operators.jobs.folders import folder_path
from operators.jobs.rows import STATES, Job, find_job, list_jobs, next_of
from operators.roles import Action, may
from operators.views.paging import number_in
from runtime.resources import Resources

LOOK_S: Final = 1.0
TONES: Final[Mapping[str, Tone]] = {
    "waiting": "quiet",
    "running": "warn",
    "done": "good",
    "failed": "bad",
    "stopped": "quiet",
    "interrupted": "bad",
}
AGAIN: Final = ("interrupted", "stopped", "failed")


def _state(job: Job) -> Markup:
    return badge(STATES[job.state], TONES[job.state])


async def draw_jobs(visit: Visit, query: Mapping[str, str]) -> None:
    """All jobs, newest first."""
    listing = Listing[Job](
        path="/jobs",
        caption="任务",
        columns=(
            Column("任务", lambda job: link(job.title, f"/jobs/{job.number}")),
            Column("状态", _state),
            Column("谁开始的", lambda job: job.operator),
            Column("开始", lambda job: moment(job.begun_at, visit.zone)),
            Column("结束", lambda job: moment(job.ended_at, visit.zone)),
        ),
        empty="没有任务。回测、导入、导出这类要花时间的事会列在这里，关掉浏览器也会继续做。",
        filters=(Filter("state", "状态", STATES),),
    )
    found = await list_jobs(visit.pool, query.get("after", ""), query.get("state", ""))
    draw_listing(listing, found.rows, query, found.after)


async def draw_job(visit: Visit, query: Mapping[str, str]) -> None:
    """One job: how far it is, a way to stop it, and its result."""
    number = number_in(query["number"])
    job = None if number is None else await find_job(visit.pool, number)
    if job is None:
        ui.html(
            '<p class="empty">没有这个任务，它可能是三个月以前的。<a href="/jobs">回到任务</a></p>',
            sanitize=False,
        )
        return
    draw_title(job.title)
    if not visit.may(job.action):
        ui.html('<p class="empty">您的角色不能看这个任务。<a href="/jobs">回到任务</a></p>', sanitize=False)
        return
    draw_facts(
        [
            ("谁开始的", job.operator),
            ("开始", moment(job.begun_at, visit.zone)),
            ("做了几次", "还没有开始做" if not job.attempts else f"第 {job.attempts} 次"),
        ]
    )
    draw_progress(visit, job, await next_of(visit.pool, job.number))


def draw_progress(visit: Visit, job: Job, child: int | None) -> None:
    """A job's progress, redrawn while it is open, and then its result; its files and its next step for whoever began it."""
    own = job.operator_id == visit.desk.operator.operator_id

    @ui.refreshable
    def inner(job: Job) -> None:
        with ui.element("div").classes("panel"):
            ui.html(Markup("<p>{}</p>").format(_state(job)), sanitize=False)
            if job.is_open:
                _draw_open(visit, job, own=own)
            elif job.error:
                ui.html(Markup('<p class="notice bad">{}</p>').format(job.error), sanitize=False)
            if own and job.state in AGAIN:
                ui.button("重新开始", on_click=lambda: _restart(visit, job)).props(
                    "unelevated no-caps data-testid=restart"
                ).classes("act")
        if job.lines:
            draw_said(list(job.lines))
        if own and not job.is_open:
            _draw_next(visit, job, child)

    async def look() -> None:
        now = await find_job(visit.pool, job.number)
        if now is not None:
            inner.refresh(now)
            if not now.is_open:
                timer.cancel()

    inner(job)
    timer = ui.timer(LOOK_S, look, active=job.is_open)


def _draw_open(visit: Visit, job: Job, *, own: bool) -> None:
    ui.linear_progress(value=job.done / job.total if job.total else 0, show_value=False).props(
        'aria-label="进度"'
    )
    told = f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}"
    ui.html(Markup('<p class="quiet">{}</p>').format(told), sanitize=False)
    if job.stop_asked:
        ui.html('<p class="quiet">正在停下……</p>', sanitize=False)
    elif own or visit.role == "owner":
        ui.button("停止", on_click=lambda: _stop(visit, job)).props(
            "outline no-caps color=negative data-testid=stop"
        ).classes("act")


async def _stop(visit: Visit, job: Job) -> None:
    async def go() -> str:
        await stop_job(visit.desk, job.number)
        return "任务会在这一步做完以后停下。"

    await perform(go)


async def _restart(visit: Visit, job: Job) -> None:
    async def go() -> str:
        await restart_job(visit.desk, job.number)
        return "重新开始了。"

    if await perform(go):
        ui.navigate.to(f"/jobs/{job.number}")


def _draw_next(visit: Visit, job: Job, child: int | None) -> None:
    folder = folder_path(visit.resources.settings, job.folder)
    links = [
        link(f"下载 {name}", f"/jobs/{job.number}/files/{place}", "button")
        if (folder / name).is_file()
        else f"{name} 已经删掉了，文件只保留一天。"
        for place, name in enumerate(job.files)
    ]
    ui.html(Markup("<p>{}</p>").format(join(links, " ")), sanitize=False)
    if child is not None:
        ui.html(Markup("<p>{}</p>").format(link("下一步已经开始，去看看", f"/jobs/{child}")), sanitize=False)
    elif job.follow:
        ui.button(job.follow, on_click=lambda: _follow(visit, job)).props(
            "unelevated no-caps data-testid=follow"
        ).classes("act")


async def _follow(visit: Visit, job: Job) -> None:
    begun: list[int] = []

    async def go() -> str:
        begun.append(await take_next_step(visit.desk, job.number, job.title.removeprefix("试算")))
        return "开始导入。"

    if await perform(go):
        ui.navigate.to(f"/jobs/{begun[0]}")


def add_job_files(app: FastAPI, resources: Resources) -> None:
    """Add the files that jobs have made, for whoever began the job."""

    async def download(request: Request, number: int, place: int) -> Response:
        operator = desk_at(request).operator
        job = await find_job(resources.pool, number) if number < 2**63 else None
        if job is None or not 0 <= place < len(job.files):
            return PlainTextResponse("没有这个文件。", 404)
        if job.operator_id != operator.operator_id or not may(operator.role, job.action):
            return PlainTextResponse("只有开始这个任务的人能下载它的文件。", 403)
        path = folder_path(resources.settings, job.folder) / job.files[place]
        if not path.is_file():
            return PlainTextResponse("没有这个文件了：文件只保留一天，请再做一次。", 404)
        return FileResponse(path, filename=path.name)

    app.add_api_route("/jobs/{number}/files/{place}", download, methods=["GET"])


PAGES: Final = (
    Page("/jobs", "任务", "jobs", Action.LOOK_RULES, draw_jobs),
    Page("/jobs/{number:int}", "任务", "jobs", Action.LOOK_RULES, draw_job, in_menu=False),
)
