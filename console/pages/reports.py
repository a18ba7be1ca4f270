"""报表: 发放、使用、过期、核销 by one dimension in a span of days, with its chart, as a table and as a file."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from markupsafe import Markup
from nicegui import ui

from console.charts import draw_lines
from console.guard import desk_at
from console.markup import address, join
from console.page import Page, Visit
from console.pages.members import rules_now
from loyalty.numbers.reports import DIMENSIONS, TITLES, Dimension, Report, by_dimension
from loyalty.numbers.sheets import Cell, Sheet, report_sheet
from moving.tables import NewFile
from operators.roles import Action
from runtime.resources import Resources

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTH: Final = timedelta(days=29)
MOST_DAYS: Final = 3660
MOST_PARTS: Final = 40
DRAWN: Final = ("issued", "used", "expired", "written_off")
PERIODS: Final = ("day", "week", "month")


def asked_for(query: Mapping[str, str], today: date) -> tuple[date, date, Dimension]:
    """The span and dimension of a query; what is missing or malformed is the last thirty days by day."""
    first, last = _day(query.get("first", ""), today - MONTH), _day(query.get("last", ""), today)
    first = max(min(first, last), last - timedelta(days=MOST_DAYS))
    by = next((one for one in DIMENSIONS if one == query.get("by")), DIMENSIONS[0])
    return first, last, by


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


async def draw_report(visit: Visit, query: Mapping[str, str]) -> None:
    """The report that the address asks for."""
    rules = await rules_now(visit)
    if rules is None:
        ui.html(
            '<p class="empty">还没有规则，也就没有数字。<a href="/rules/files">选一个行业模板开始</a></p>',
            sanitize=False,
        )
        return
    first, last, by = asked_for(query, visit.today)
    _draw_form(first, last, by)
    report = await by_dimension(visit.pool, first, last, by, rules)
    if not report.lines:
        ui.html(
            '<p class="empty">这段时间没有数字。后台任务每分钟汇总一次；刚开始用的话，请稍等。</p>',
            sanitize=False,
        )
        return
    _draw_chart(report)
    ui.html(_table(report_sheet(report)), sanitize=False).classes("listing")


def _draw_form(first: date, last: date, by: Dimension) -> None:
    option = Markup('<option value="{}"{}>{}</option>')
    options = join(
        option.format(one, Markup(" selected") if one == by else "", TITLES[one]) for one in DIMENSIONS
    )
    form = Markup(
        '<form class="filters" method="get" action="/reports">'
        '<label><span>从</span><input type="date" name="first" value="{}"></label>'
        '<label><span>到</span><input type="date" name="last" value="{}"></label>'
        '<label><span>按</span><select name="by">{}</select></label>'
        '<button class="button" type="submit">查看</button>'
        '<a class="button plain" href="{}" download>导出 Excel</a></form>'
    )
    file = address("/reports/file", first=first, last=last, by=by)
    ui.html(form.format(first, last, options, file), sanitize=False)


def _draw_chart(report: Report) -> None:
    in_time = report.dimension in PERIODS
    lines = report.lines if in_time else report.lines[:MOST_PARTS]
    figures = [[line.totals[name] for line in lines] for name in DRAWN]
    with ui.element("div").classes("panel"):
        draw_lines(DRAWN, [line.title for line in lines], figures, bars=not in_time)


def _table(sheet: Sheet) -> Markup:
    title = Markup('<th scope="col" class="{}">{}</th>')
    head = join(title.format("number" if place else "label", told) for place, told in enumerate(sheet.header))
    rows = (join(_cell(cell, place) for place, cell in enumerate(row)) for row in sheet.rows)
    body = join(Markup("<tr>{}</tr>").format(row) for row in rows)
    return Markup(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="报表">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(head, body)


def _cell(cell: Cell, place: int) -> Markup:
    told = "–" if cell is None else (f"{cell:,}" if not isinstance(cell, str) else cell)
    return Markup('<td class="{}">{}</td>').format("number" if place else "label", told)


def add_report_file(app: FastAPI, resources: Resources) -> None:
    """Add the report as an Excel file, with a row in the operation log."""

    async def download(request: Request) -> Response:
        visit = Visit(desk_at(request), resources)
        if not visit.may(Action.EXPORT):
            return PlainTextResponse("您的角色不能导出报表。", 403)
        rules = await rules_now(visit)
        if rules is None:
            return PlainTextResponse("还没有规则，没有报表可以导出。", 404)
        first, last, by = asked_for(request.query_params, visit.today)
        sheet = report_sheet(await by_dimension(visit.pool, first, last, by, rules))
        name = f"report-{by}-{first}-{last}.xlsx"
        await visit.desk.change(lambda connection: visit.desk.note(connection, Action.EXPORT, name))
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(await asyncio.to_thread(workbook, sheet), media_type=XLSX, headers=headers)

    app.add_api_route("/reports/file", download, methods=["GET"])


def workbook(sheet: Sheet) -> bytes:
    """The sheet as an Excel file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        with NewFile(path, overwrite=False) as table:
            table.write(sheet.header)
            for row in sheet.rows:
                table.write(row)
        return path.read_bytes()


PAGES: Final = (Page("/reports", "发放与使用", "reports", Action.REPORTS, draw_report),)
