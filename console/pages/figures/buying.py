"""复购与漏斗: who buys again, and 获取 → 兑换 → 复购, by month."""

from collections.abc import Sequence
from typing import Final

from nicegui import ui

from console.charts import Options, axis_options, draw_chart, meaning
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, draw_until, figure_page
from loyalty.numbers.cohorts import Cohort, Stage
from loyalty.numbers.page_sheets import cohorts_sheet, funnel_sheet
from loyalty.numbers.sheets import Sheet
from operators.roles import Action


async def cohort_table(asked: Asked) -> Sheet:
    """复购 by month."""
    return cohorts_sheet((await asked.snapshot("cohorts")).content)


async def funnel_table(asked: Asked) -> Sheet:
    """漏斗 by month."""
    return funnel_sheet((await asked.snapshot("funnel")).content)


FUNNEL: Final = Figure(
    "funnel",
    "获取→兑换→复购",
    funnel_table,
    "这一年还没有会员得到积分。有人签到、消费或者收到新人礼以后，这里会按月列出他们后来用没用、又来没来买。",
)
COHORTS: Final = Figure(
    "cohorts",
    "复购",
    cohort_table,
    "还没有上报过订单。收银系统或小程序把订单报上来以后，这里会按首次购买的月份列出后来每个月还有多少人来买。",
)


async def draw_buying(asked: Asked) -> None:
    """The funnel, then the cohorts."""
    stages, found = await asked.snapshot("funnel"), await asked.snapshot("cohorts")
    draw_until(stages)
    if stages.content:
        with ui.element("div").classes("panel"):
            draw_chart(funnel_options(stages.content))
    await draw_figure(asked, FUNNEL, title=meaning("funnel"))
    if found.content:
        with ui.element("div").classes("panel later"):
            draw_chart(cohort_options(found.content))
    await draw_figure(asked, COHORTS, title=meaning("repurchase"))


def funnel_options(stages: Sequence[Stage]) -> Options:
    """Three bars a month."""
    months = [f"{one.first:%Y-%m}" for one in stages]
    parts = [[one.got for one in stages], [one.used for one in stages], [one.again for one in stages]]
    return axis_options(("得到积分", "用过积分", "用后再买"), months, parts, bars=True, unit="人")


def cohort_options(found: Sequence[Cohort]) -> Options:
    """复购率 by month, in percent."""
    shares = [round(100 * one.repurchase, 1) for one in found]
    return axis_options(("复购率",), [f"{one.first:%Y-%m}" for one in found], [shares], bars=True, unit="%")


FIGURES: Final = (FUNNEL, COHORTS)
PAGES: Final = (Page("/reports/buying", "复购与漏斗", "reports", Action.REPORTS, figure_page(draw_buying)),)
