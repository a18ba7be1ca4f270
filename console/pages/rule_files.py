"""规则文件: the rules as the YAML file that the command line takes, out and in, and the programmes to start from."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import FastAPI, Request
from fastapi import Path as InPath
from fastapi.responses import PlainTextResponse, Response
from markupsafe import Markup, escape
from nicegui import events, ui

from console.acting import perform
from console.facts import draw_heading, draw_notice
from console.guard import desk_at
from console.markup import join
from console.page import Page, Visit
from console.uploads import draw_upload
from loyalty.programme.files.reading import InvalidRules, rules_in
from loyalty.programme.files.writing import written
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.publishing.versions import newest
from operators.roles import Action, may
from operators.rules.drafting import MOST_BYTES, DraftRefused, replace_all
from operators.rules.drafts import body_of
from runtime.resources import Resources
from runtime.templates import TEMPLATES, template_path

VersionNumber = Annotated[int, InPath(ge=1, le=2**31 - 1)]


def add_files(app: FastAPI, resources: Resources) -> None:
    """Add the download of a version as a file."""

    async def download(request: Request, version: VersionNumber) -> Response:
        desk = desk_at(request)
        if not may(desk.operator.role, Action.LOOK_RULES):
            return PlainTextResponse("您的角色不能下载规则。", 403)
        try:
            rules = await rules_of(resources.pool, version)
        except LookupError:
            return PlainTextResponse(f"没有第 {version} 版规则。", 404)
        headers = {"Content-Disposition": f'attachment; filename="rules-{version}.yaml"'}
        return Response(written(rules), media_type="application/yaml; charset=utf-8", headers=headers)

    app.add_api_route("/rules/file/{version}", download, methods=["GET"])


async def draw_files(visit: Visit, query: Mapping[str, str]) -> None:
    """Download, upload, and the programmes to start from."""
    draw_heading("下载")
    number = await newest(visit.pool)
    if number:
        ui.html(
            Markup(
                "<p>下载的文件和 jifen rules 命令用的是同一种，改完可以传回来。</p>"
                '<a class="button" href="/rules/file/{}">下载第 {} 版</a>'
            ).format(number, number),
            sanitize=False,
        )
    else:
        ui.html('<p class="quiet">还没有发布过规则。</p>', sanitize=False)
    if not visit.may(Action.DRAFT_RULES):
        return
    draw_heading("传入")
    ui.html("<p>传入的规则先放进草稿，看过以后再发布。</p>", sanitize=False)
    found = ui.element("div")
    draw_upload(
        "选择规则文件（YAML）", ".yaml,.yml", MOST_BYTES, lambda event: _take(visit, event, found),
        "文件太大或者不是 YAML；最大 2 MB。",
    )  # fmt: skip
    draw_heading("行业模板")
    with ui.element("div").classes("cards"):
        for code, name in TEMPLATES.items():
            with ui.element("div").classes("card"):
                ui.html(Markup("<h2>{}</h2>").format(name), sanitize=False)
                ui.button(
                    "用它起草",
                    on_click=lambda code=code: _use(
                        visit, template_path(code).read_text(encoding="utf-8"), found
                    ),
                ).props(f"outline no-caps data-testid=template-{code}").classes("act")


async def _take(visit: Visit, event: events.UploadEventArguments, found: ui.element) -> None:
    try:
        text = (await event.file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        _show(found, ["这个文件不是 UTF-8 编码的文字，请另存为 UTF-8 再传。"])
        return
    await _use(visit, text, found)


async def _use(visit: Visit, text: str, found: ui.element) -> None:
    """Put a text of rules into the draft; what is wrong with it is listed with its lines."""
    try:
        rules = rules_in(text, "这份规则")
    except InvalidRules as fault:
        _show(found, str(fault).splitlines())
        return

    async def put() -> str:
        changed = await replace_all(visit.desk, body_of(rules))
        if not changed:
            raise DraftRefused("传入的规则和最新的一版完全一样。")
        return f"已放进草稿，有 {len(changed)} 部分和现在不同。"

    if await perform(put):
        ui.navigate.to("/rules/review")


def _show(found: ui.element, lines: list[str]) -> None:
    found.clear()
    with found:
        draw_notice(join(map(escape, lines), "<br>"), bad=True)


PAGES: Final = (Page("/rules/files", "导入导出", "rules", Action.LOOK_RULES, draw_files),)
