"""异常与对账: numbers of a day far above the usual, points issued against used, and the result of each night's audit."""

from collections.abc import Mapping, Sequence
from typing import Final

from console.charts import meaning
from console.listing import Column, Listing, draw_listing
from console.markup import Tone, address, badge, link, moment
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, draw_head, draw_span, figure_page
from loyalty.numbers.alerts import Alert, Reconciled, alerts, reconciliations
from loyalty.numbers.page_sheets import alerts_sheet
from loyalty.numbers.sheets import Sheet
from operators.roles import Action

PATH: Final = "/reports/alerts"
CALM: Final = "这段时间没有异常。前 7 天没有数字时不知道平时是多少，满 7 天以后才会提醒。提醒只发一次，也会写进日志和监控。"
NOT_YET: Final = "还没有对账结果。后台任务每天夜里把每日数字和流水、余额、订单对一遍，第二天就能看到。"


KINDS: Final[Mapping[str, tuple[str, Tone]]] = {
    "spike": ("突增", "bad"),
    "ratio": ("发多用少", "warn"),
    "odds": ("概率不符", "bad"),
}


async def alerts_table(asked: Asked) -> Sheet:
    """The alerts of the span."""
    return alerts_sheet(await alerts(asked.visit.pool, asked.first, asked.last))


async def reconciled_table(asked: Asked) -> Sheet:
    """The nights of the span."""
    return reconciled_sheet(await reconciliations(asked.visit.pool, asked.first, asked.last))


ALERTS: Final = Figure("alerts", "异常", alerts_table, CALM)
RECONCILED: Final = Figure("reconciliations", "每晚对账", reconciled_table, NOT_YET, Action.AUDIT)


async def draw_alerts(asked: Asked) -> None:
    """The alerts, each with the day behind it; the nights for whoever may see audits."""
    draw_span(asked, PATH)
    found = await alerts(asked.visit.pool, asked.first, asked.last)
    draw_head(asked, ALERTS, meaning("spike"), has_file=bool(found))
    listing = Listing[Alert](
        path=PATH,
        caption="异常",
        columns=(
            Column("日期", lambda row: link(row.day, day_behind(row))),
            Column("种类", lambda row: badge(*KINDS[row.kind])),
            Column("说明", lambda row: row.sentence),
            Column("发现", lambda row: moment(row.noted_at, asked.visit.zone)),
        ),
        empty=CALM,
    )
    draw_listing(listing, found, {}, None)
    if asked.visit.may(RECONCILED.action):
        await draw_figure(asked, RECONCILED)


def day_behind(alert: Alert) -> str:
    """The report of the day that stood out, by what brought or took the points; the draws, for a table of odds."""
    if alert.kind == "odds":
        return "/games/odds"
    return address("/reports", first=alert.day, last=alert.day, by="rule")


def reconciled_sheet(nights: Sequence[Reconciled]) -> Sheet:
    """The nights: how many differences, and the first of them."""
    rows = tuple(
        (str(one.day), "一致" if not one.differences else f"{one.differences:,} 处不一致", one.detail or "–")
        for one in nights
    )
    return Sheet(("日期", "结果", "不一致的地方"), rows)


FIGURES: Final = (ALERTS, RECONCILED)
PAGES: Final = (Page(PATH, "异常与对账", "reports", Action.REPORTS, figure_page(draw_alerts)),)
