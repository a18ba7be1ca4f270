"""The tables of the pages of numbers as Excel files."""

from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from console.guard import desk_at
from console.page import Visit
from console.pages.figures import FIGURES
from console.pages.figures.figure import SLOW_FILE, StillReading, asked_by
from console.sheets import send_workbook
from operators.roles import Action
from runtime.resources import Resources

BY_NAME: Final = {one.name: one for one in FIGURES}


def add_figure_files(app: FastAPI, resources: Resources) -> None:
    """Add each table as an Excel file, with a row in the operation log."""

    async def download(request: Request) -> Response:
        visit = Visit(desk_at(request), resources)
        figure = BY_NAME.get(request.path_params["name"])
        if figure is None:
            return PlainTextResponse("没有这张表。", 404)
        if not (visit.may(Action.EXPORT) and visit.may(figure.action)):
            return PlainTextResponse("您的角色不能导出这张表。", 403)
        asked = await asked_by(visit, request.query_params)
        if asked is None:
            return PlainTextResponse("还没有规则，没有数字可以导出。", 404)
        try:
            sheet = await figure.read(asked)
        except (StillReading, TimeoutError):
            return PlainTextResponse(SLOW_FILE, 503)
        return await send_workbook(visit, sheet, f"{figure.name}-{asked.first}-{asked.last}.xlsx")

    app.add_api_route("/reports/files/{name}", download, methods=["GET"])
