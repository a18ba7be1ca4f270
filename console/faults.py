"""What is answered when a request cannot be served: a sentence on a page, whatever went wrong."""

from typing import Final

import nicegui
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from starlette.exceptions import HTTPException

from console.outcomes import DATABASE_AWAY, GONE
from console.plain import plain_page

log = structlog.get_logger(__name__)

MISSING: Final = "没有这一页，地址可能写错了，或者它已经不在了。"
MALFORMED: Final = "收到的内容太长，或者少了一部分，没有处理。请回到上一页再填一次。"
SENTENCES: Final = {
    404: MISSING,
    405: "这个地址不能这样打开。",
    413: "发来的内容太大，没有收下。",
    500: "出了意外，已经记在后台的日志里。请稍后再试；还是不行，请把时间和页面告诉管理员。",
    503: f"{DATABASE_AWAY}，请稍后再打开这一页。",
}


def add_faults(app: FastAPI) -> None:
    """Have faults of addresses and of forms answered with a page, those of NiceGUI's own application included."""
    for one in (app, nicegui.app):
        one.add_exception_handler(404, _not_served)
        one.add_exception_handler(HTTPException, _not_served)
        one.add_exception_handler(RequestValidationError, _malformed)
        for away in GONE:
            one.add_exception_handler(away, _without_database)
        one.add_exception_handler(Exception, _unforeseen)  # what raised it is logged by the server as well


def fault_page(status: int, sentence: str = "") -> HTMLResponse:
    """A page with one sentence, and the way back."""
    told = Markup('<p>{}</p><p><a class="button" href="/">回到总览</a></p>').format(
        sentence or SENTENCES.get(status, MALFORMED)
    )
    return HTMLResponse(plain_page("没有打开", told), status)


async def _not_served(_request: Request, fault: Exception) -> Response:
    return fault_page(fault.status_code if isinstance(fault, HTTPException) else 404)


async def _without_database(request: Request, fault: Exception) -> Response:
    log.warning("console_database_away", path=request.url.path, error=type(fault).__name__)
    return fault_page(503)


async def _unforeseen(request: Request, _fault: Exception) -> Response:
    log.error("console_unforeseen", path=request.url.path)
    return fault_page(500)


async def _malformed(request: Request, fault: Exception) -> Response:
    fields = (
        [error["loc"][-1] for error in fault.errors()] if isinstance(fault, RequestValidationError) else []
    )
    log.info("console_malformed", fields=[str(field)[:40] for field in fields])
    return fault_page(404 if request.method in ("GET", "HEAD") else 422)
