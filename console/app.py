"""The console as one web application: the guard, the login, and the pages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from markupsafe import Markup
from nicegui import ui

from console.facts import draw_notice
from console.faults import add_faults
from console.frame import frame
from console.guard import Guard, desk_at
from console.login_pages import add_login
from console.markup import link
from console.outcomes import DATABASE_AWAY, GONE
from console.page import Page, Visit
from console.pages import PAGES
from console.pages.figure_files import add_figure_files
from console.pages.jobs import add_job_files
from console.pages.reports import add_report_file
from console.pages.rule_files import add_files
from runtime.resources import Resources

log = structlog.get_logger(__name__)

STYLES: Final = Path(__file__).with_name("console.css")
LOGO: Final = Path(__file__).with_name("logo.svg")
FAILED: Final = "这一页没有打开全，已经记在后台的日志里。请刷新再试；还是不行，请把时间和页面告诉管理员。"
AWAY_HALFWAY: Final = f"{DATABASE_AWAY}，这一页没有打开全，请稍后刷新。"
PAGE_TIMEOUT_S: Final = 30.0
GRACE_S: Final = 2
LONGEST_GIVEN: Final = 500
"""Characters of a part of an address; what is longer was not made by a page."""


def create_console(resources: Resources) -> FastAPI:
    """The application. NiceGUI serves one application per process."""
    app = FastAPI(title="Jifen console", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/healthz", _healthz)
    app.add_api_route("/console.css", _styles)
    add_login(app, resources)
    add_files(app, resources)
    add_report_file(app, resources)
    add_job_files(app, resources)
    add_figure_files(app, resources)
    for page in PAGES:
        _mount(page, resources)
    ui.run_with(
        app,
        title="积分后台",
        favicon=LOGO,
        language="zh-CN",
        dark=False,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=30.0,
    )
    add_faults(app)
    app.add_middleware(Guard, resources=resources)
    return app


def make_server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server for the application, not started, without access log."""
    return uvicorn.Server(
        uvicorn.Config(
            app, host=host, port=port, log_level="warning", access_log=False, proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    )  # fmt: skip


def _mount(page: Page, resources: Resources) -> None:
    async def show(request: Request) -> None:
        visit = Visit(desk_at(request), resources)
        with frame(visit, page, PAGES):
            if not visit.may(page.action):
                _draw_forbidden(visit, page)
                return
            try:
                await page.draw(visit, _given(request))
            except GONE as error:
                log.warning("console_database_away", path=page.path, error=type(error).__name__)
                draw_notice(AWAY_HALFWAY, bad=True)
            except Exception:
                log.exception("console_page_failed", path=page.path)
                draw_notice(FAILED, bad=True)

    ui.page(page.path, response_timeout=PAGE_TIMEOUT_S)(show)


def _given(request: Request) -> Mapping[str, str]:
    """What stands in the address, without the NUL that PostgreSQL takes in no text."""
    given = {**request.query_params, **request.path_params}
    return {name: str(value).replace("\0", "")[:LONGEST_GIVEN] for name, value in given.items()}


def _draw_forbidden(visit: Visit, page: Page) -> None:
    told = Markup("您的角色是{}，不能看「{}」。{}").format(
        visit.desk.operator.role_name,
        page.title,
        _counter(visit) if visit.role == "clerk" else "需要的话，请老板在「系统 · 操作员」里调整。",
    )
    ui.html(Markup('<p class="empty">{}</p>').format(told), sanitize=False)


def _counter(visit: Visit) -> Markup:
    """Where clerks work: at the server, on a phone."""
    base = visit.resources.settings.public_base_url
    where = link("门店核销", f"{base}/clerk") if base else Markup("服务器的 /clerk")
    return Markup("店员在手机上核销：打开{}，用同一个名字、密码和验证码登录。").format(where)


async def _healthz() -> JSONResponse:
    """Whether the console is alive."""
    return JSONResponse({"status": "ok"})


async def _styles() -> FileResponse:
    return FileResponse(STYLES, media_type="text/css")
