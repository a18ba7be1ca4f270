"""活动对比: two rule versions or two campaigns by the same numbers per day, and which campaign moves most points."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.charts import Options, axis_options, draw_chart, meaning
from console.facts import draw_notice
from console.markup import join
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, draw_span, figure_page
from loyalty.numbers.comparing import NO_CONTROL, Comparable, compare, ranked_campaigns
from loyalty.numbers.page_sheets import comparison_sheet, ranking_sheet
from loyalty.numbers.reports import Line, by_dimension
from loyalty.numbers.sheets import Sheet
from operators.roles import Action

PATH: Final = "/reports/compare"
KINDS: Final[Mapping[Comparable, str]] = {"campaign": "活动", "version": "规则版本"}
MOST_BARS: Final = 20
EMPTY_SHEET: Final = Sheet(("",), ())


def kind_of(asked: Asked) -> Comparable:
    """What is compared: campaigns unless the address says versions."""
    return "version" if asked.query.get("kind") == "version" else "campaign"


async def read_parts(asked: Asked) -> Sequence[Line]:
    """The campaigns, those with most turnover first, or the versions, the newest first, of which there are facts in the span."""
    if kind_of(asked) == "campaign":
        return await ranked_campaigns(asked.visit.pool, asked.first, asked.last, asked.rules)
    found = await by_dimension(asked.visit.pool, asked.first, asked.last, "version", asked.rules)
    return sorted(found.lines, key=lambda line: -int(line.part))


def sides_of(asked: Asked, parts: Sequence[Line]) -> tuple[str, str] | None:
    """The two that the address names, else the two campaigns that move most points or the last two versions; None without two."""
    there = [one.part for one in parts]
    if len(there) < 2:
        return None
    usual = (there[0], there[1]) if kind_of(asked) == "campaign" else (there[1], there[0])
    one, other = asked.query.get("one"), asked.query.get("other")
    return one if one in there else usual[0], other if other in there else usual[1]


async def comparison_table(asked: Asked) -> Sheet:
    """Both sides per day; no rows without two."""
    sides = sides_of(asked, await read_parts(asked))
    if sides is None:
        return EMPTY_SHEET
    return comparison_sheet(
        *await compare(asked.visit.pool, kind_of(asked), sides, asked.first, asked.last, asked.rules)
    )


async def ranking_table(asked: Asked) -> Sheet:
    """The campaigns by turnover."""
    return ranking_sheet(await ranked_campaigns(asked.visit.pool, asked.first, asked.last, asked.rules))


COMPARISON: Final = Figure(
    "comparison",
    "同样的数目，按天平均",
    comparison_table,
    "这段时间里没有两个可以比的。把日期放宽些，或者改比「规则版本」；有起止日期的赚积分规则、任务、投票、抽奖和加速包都算活动。",
)
RANKING: Final = Figure(
    "ranking",
    "活动排行",
    ranking_table,
    "这段时间没有活动。有起止日期的赚积分规则、任务、投票、抽奖和加速包都算活动，可以到「规则」里添加。",
)


async def draw_comparing(asked: Asked) -> None:
    """The choice of two, their numbers, and the ranking."""
    parts = await read_parts(asked)
    draw_span(asked, PATH, choice_fields(asked, parts))
    draw_notice(NO_CONTROL)
    await draw_figure(asked, COMPARISON)
    if ranked := await ranked_campaigns(asked.visit.pool, asked.first, asked.last, asked.rules):
        with ui.element("div").classes("panel later"):
            draw_chart(ranking_options(ranked))
    await draw_figure(asked, RANKING, title=meaning("turnover", RANKING.title))


def choice_fields(asked: Asked, parts: Sequence[Line]) -> Markup:
    """The kind, and what is compared with what."""
    one, other = sides_of(asked, parts) or ("", "")
    names = {line.part: line.title for line in parts}
    return join(
        [
            _select("kind", "比什么", KINDS, kind_of(asked)),
            _select("one", "甲", names, one),
            _select("other", "乙", names, other),
        ]
    )


def _select(
    name: str, label: str, choices: Mapping[str, str] | Mapping[Comparable, str], chosen: str
) -> Markup:
    option = Markup('<option value="{}"{}>{}</option>')
    options = join(
        option.format(key, Markup(" selected") if key == chosen else "", words)
        for key, words in choices.items()
    )
    return Markup('<label><span>{}</span><select name="{}">{}</select></label>').format(label, name, options)


def ranking_options(ranked: Sequence[Line]) -> Options:
    """Points brought and used by campaign."""
    shown = ranked[:MOST_BARS]
    brought = [one.totals["issued"] for one in shown]
    used = [one.totals["used"] + one.totals["captured"] for one in shown]
    return axis_options(("发放", "使用"), [one.title for one in shown], [brought, used], bars=True, unit="分")


FIGURES: Final = (COMPARISON, RANKING)
PAGES: Final = (Page(PATH, "活动对比", "reports", Action.REPORTS, figure_page(draw_comparing)),)
