"""负债与成本: what outstanding points would cost, when they lapse and how old they are, and what redemptions have cost."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.charts import Options, axis_options, draw_chart, meaning
from console.facts import draw_cards, draw_heading
from console.markup import points, yuan
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, draw_span, draw_until, figure_page
from loyalty.numbers.ages import Age
from loyalty.numbers.liability import Cost, Outstanding, costs
from loyalty.numbers.page_sheets import costs_sheet, liability_sheet, percent
from loyalty.numbers.sheets import Sheet
from operators.roles import Action

PATH: Final = "/reports/liability"
NO_COSTS: Final = (
    '<p class="quiet">这些礼品没有填「成本」，所以都是 0；在「规则 · 礼品」里填了以后的兑换才算成本。</p>'
)
EDIT: Final = Markup('<a href="/rules/edit/figures">去填积分成本</a>')


async def read_outstanding(asked: Asked) -> Outstanding:
    """The points outstanding as of last night, at the cost of points that the rules say now."""
    found: Outstanding = (await asked.snapshot("outstanding")).content
    return found._replace(point_cost_fen=asked.rules.figures.point_cost_fen)


async def liability_table(asked: Asked) -> Sheet:
    """The points by bucket, and what lapses in which month."""
    return liability_sheet(await read_outstanding(asked))


async def ages_table(asked: Asked) -> Sheet:
    """The points by age; no rows where there are none."""
    found: list[Age] = (await asked.snapshot("ages")).content
    whole = sum(one.points for one in found)
    rows = tuple((one.title, one.points, percent(one.points / whole)) for one in found) if whole else ()
    return Sheet(("发放的时间", "积分（分）", "占比"), rows)


async def costs_table(asked: Asked) -> Sheet:
    """What redemptions cost."""
    return costs_sheet(await costs(asked.visit.pool, asked.first, asked.last), asked.rules)


LIABILITY: Final = Figure("liability", "积分负债", liability_table)
AGES: Final = Figure("ages", "积分库龄", ages_table, "会员手里还没有积分。")
COSTS: Final = Figure(
    "costs",
    "礼品成本",
    costs_table,
    "这段时间没有兑换和核销。奖品的单件成本在规则的「奖品」里填，填了以后的兑换才有成本。",
)


async def draw_costs(asked: Asked) -> None:
    """What is outstanding, when it lapses, how old it is; then the costs of a span of days."""
    found = await read_outstanding(asked)
    draw_until(await asked.snapshot("outstanding"))
    spent = await costs(asked.visit.pool, asked.first, asked.last)
    draw_cards(cards_of(found, spent, can_edit=asked.visit.may(Action.DRAFT_RULES)))
    if found.lapsing:
        draw_heading("哪个月到期")
        with ui.element("div").classes("panel"):
            draw_chart(lapsing_options(found))
    await draw_figure(asked, LIABILITY, title=meaning("liability"))
    await draw_figure(asked, AGES, title=meaning("age"))
    draw_heading("兑换花了多少")
    draw_span(asked, PATH)
    await draw_figure(asked, COSTS, title=meaning("cost"))
    if spent and not any(one.fen for one in spent):
        ui.html(NO_COSTS, sanitize=False)


def cards_of(
    found: Outstanding, spent: Sequence[Cost], *, can_edit: bool
) -> list[tuple[object, object, object]]:
    """The figures at the top; whoever may edit the rules is shown where the cost of points is written."""
    by_flow = {flow: sum(one.fen for one in spent if one.flow == flow) for flow in ("redeemed", "cancelled")}
    per_hundred = found.point_cost_fen
    told = (EDIT if can_edit else "规则里没有写积分成本") if per_hundred is None else "每 100 积分"
    return [
        (
            meaning("outstanding"),
            points(found.points),
            f"其中待到账 {points(found.pending)}，冻结 {points(found.held)}",
        ),
        ("积分成本", yuan(per_hundred), told),
        (meaning("liability"), yuan(found.liability_fen), f"会员另欠 {points(found.debt)} 分"),
        (
            meaning("cost", "兑换礼品的成本"),
            yuan(by_flow["redeemed"] - by_flow["cancelled"]),
            "所选日期内，减去取消的",
        ),
    ]


def lapsing_options(found: Outstanding) -> Options:
    """Points by the month in which they lapse."""
    months = [f"{one.month:%Y-%m}" for one in found.lapsing]
    return axis_options(("到期积分",), months, [[one.points for one in found.lapsing]], bars=True, unit="分")


FIGURES: Final = (LIABILITY, AGES, COSTS)
PAGES: Final = (Page(PATH, "负债与成本", "reports", Action.REPORTS, figure_page(draw_costs)),)
