"""报表: 发放、使用、过期、核销 by one dimension in a span of days, with its chart, as a table and as a file."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from markupsafe import Markup
from nicegui import ui

from console.charts import draw_lines
from console.guard import desk_at
from console.live_rules import rules_now
from console.markup import address, join
from console.page import Page, Visit
from console.sheets import Links, draw_sheet, send_workbook
from console.spans import shortcuts, span_fields, span_of
from loyalty.ledger.calendar import add_months
from loyalty.numbers.reports import DIMENSIONS, TITLES, Dimension, Report, by_dimension
from loyalty.numbers.sheets import report_sheet
from loyalty.numbers.totals import Totals
from operators.roles import Action
from runtime.resources import Resources

MOST_PARTS: Final = 40
DRAWN: Final = ("issued", "used", "expired", "written_off")
NOTHING: Final = "这段时间没有数字。后台任务每分钟汇总一次；刚开始用的话，请稍等。"
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=6)
"""From the first to the last day of a week."""
PERIODS: Final = ("day", "week", "month")
NONE: Final = Totals()


def asked_for(query: Mapping[str, str], today: date) -> tuple[date, date, Dimension]:
    """The span and dimension of a query; without a dimension that there is, by day."""
    by = next((one for one in DIMENSIONS if one == query.get("by")), DIMENSIONS[0])
    return *span_of(query, today), by


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
    _draw_form(visit, first, last, by)
    report = await by_dimension(visit.pool, first, last, by, rules)
    if report.lines:
        _draw_chart(report)
    sheet = report_sheet(report)
    draw_sheet(
        sheet if report.lines else sheet._replace(rows=()),
        f"按{TITLES[by]}的报表",
        NOTHING,
        links_of(report, first, last),
    )


def _draw_form(visit: Visit, first: date, last: date, by: Dimension) -> None:
    option = Markup('<option value="{}"{}>{}</option>')
    options = join(
        option.format(one, Markup(" selected") if one == by else "", TITLES[one]) for one in DIMENSIONS
    )
    form = Markup(
        '<form class="filters" method="get" action="/reports">'
        '{}<label><span>按</span><select name="by">{}</select></label>'
        '<button class="button" type="submit">查看</button>'
        '<a class="button plain" href="{}" download>导出 Excel</a>{}</form>'
    )
    file = address("/reports/file", first=first, last=last, by=by)
    quick = shortcuts("/reports", visit.today, by=by)
    ui.html(form.format(span_fields(first, last), options, file, quick), sanitize=False)


def links_of(report: Report, first: date, last: date) -> Links:
    """What is behind each line: a longer period by day, a day by rule, a reward's redemptions, a version of the rules."""
    found = {}
    for row, line in enumerate(report.lines):
        if behind := behind_of(report.dimension, line.part, first, last):
            found[row, 0] = behind
    return found


def behind_of(dimension: Dimension, part: str, first: date, last: date) -> str:
    """The address of what is behind a part in a span of days; empty where there is no page of it."""
    match dimension:
        case "day" | "week" | "month":
            begin = date.fromisoformat(f"{part}-01" if dimension == "month" else part)
            end = {"day": begin, "week": begin + WEEK, "month": add_months(begin, 1) - DAY}[dimension]
            return address(
                "/reports",
                first=max(begin, first),
                last=min(end, last),
                by="day" if dimension != "day" else "rule",
            )
        case "rule" if part.startswith(("reward:", "prize:")):
            return address("/mall/redemptions", item=part)
        case "version":
            return f"/rules/history/{part}"
    return ""


def _draw_chart(report: Report) -> None:
    in_time = report.dimension in PERIODS
    lines = report.lines if in_time else report.lines[:MOST_PARTS]
    titles, figures = (
        [line.title for line in lines],
        [[line.totals[name] for line in lines] for name in DRAWN],
    )
    if report.dimension == "day":
        titles, figures = every_day({line.part: line.totals for line in lines})
    with ui.element("div").classes("panel"):
        draw_lines(DRAWN, titles, figures, bars=not in_time)


def every_day(totals: Mapping[str, Totals]) -> tuple[list[str], list[list[int]]]:
    """The days from the first to the last of `totals`, and for each drawn number its values, 0 on a day without a line.

    A line that leaves such days out would rise slowly towards a day on which everything happened at once.
    """
    first, last = (date.fromisoformat(day) for day in (min(totals), max(totals)))
    days = [str(first + number * DAY) for number in range((last - first).days + 1)]
    return days, [[totals.get(day, NONE)[name] for day in days] for name in DRAWN]


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
        return await send_workbook(visit, sheet, name)

    app.add_api_route("/reports/file", download, methods=["GET"])


PAGES: Final = (Page("/reports", "发放与使用", "reports", Action.REPORTS, draw_report),)
