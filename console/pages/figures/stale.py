"""滞销率: the points that nobody uses, beside the industry's, and why."""

from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.charts import Options, axis_options, draw_chart, meaning
from console.facts import draw_cards, draw_notice
from console.markup import points, quiet
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, draw_until, figure_page
from loyalty.numbers.page_sheets import percent, stale_sheet
from loyalty.numbers.rule import INDUSTRIES, SOURCE, Figures
from loyalty.numbers.sheets import Sheet
from loyalty.numbers.stale import CAUSES, Stale
from operators.roles import Action

EDIT: Final = "/rules/edit/figures"


async def read_stale(asked: Asked) -> Stale:
    """The unused points, beside the reference that the rules have now."""
    found: Stale = (await asked.snapshot("stale")).content
    figures = asked.rules.figures
    return found._replace(reference=getattr(figures.stale_reference, figures.industry) / 100)


async def stale_table(asked: Asked) -> Sheet:
    """滞销率 by month, the reference, and the causes; no rows while nothing is old enough."""
    found = await read_stale(asked)
    sheet = stale_sheet(found, asked.rules.figures)
    return sheet if found.months else sheet._replace(rows=())


STALE: Final = Figure(
    "stale",
    "滞销率",
    stale_table,
    "还没有发放满成熟天数的积分，所以算不出滞销率。成熟天数可以在规则的「经营数据」里改。",
)


async def draw_stale(asked: Asked) -> None:
    """The rate, the reference and the first cause; by month; all causes."""
    draw_until(await asked.snapshot("stale"))
    found = await read_stale(asked)
    draw_cards(cards_of(found, asked.rules.figures))
    if found.first_cause:
        draw_notice(CAUSES[found.first_cause][1])
    if found.months:
        with ui.element("div").classes("panel"):
            draw_chart(stale_options(found))
    await draw_figure(asked, STALE, title=meaning("stale"))
    edit = (
        Markup('<a href="{}">去改行业和参考值</a>').format(EDIT)
        if asked.visit.may(Action.DRAFT_RULES)
        else ""
    )
    ui.html(Markup('<p class="quiet">{} {}</p>').format(SOURCE, edit), sanitize=False)


def cards_of(found: Stale, figures: Figures) -> list[tuple[object, object, object]]:
    """The figures at the top."""
    until = f"{found.until} 以前发放 {points(found.issued)} 分，没用掉 {points(found.unused)} 分"
    cause = CAUSES[found.first_cause][0] if found.first_cause else quiet("–")
    members = sum(one.members for one in found.causes)
    return [
        (meaning("stale"), percent(found.rate), until),
        (f"{INDUSTRIES[figures.industry]}参考", percent(found.reference), against(found)),
        ("首要原因", cause, f"共 {points(members)} 位会员有没用掉的积分" if found.causes else ""),
    ]


def against(found: Stale) -> str:
    """How the rate compares with the reference."""
    if found.rate is None:
        return ""
    difference = 100 * (found.rate - found.reference)
    return f"您{'高' if difference > 0 else '低'} {abs(difference):.1f} 个百分点"


def stale_options(found: Stale) -> Options:
    """Issued and unused points by month."""
    months = [f"{one.month:%Y-%m}" for one in found.months]
    parts = [[one.issued for one in found.months], [one.unused for one in found.months]]
    return axis_options(("发放", "没有用掉"), months, parts, bars=True, unit="分")


FIGURES: Final = (STALE,)
PAGES: Final = (Page("/reports/stale", "滞销率", "reports", Action.REPORTS, figure_page(draw_stale)),)
