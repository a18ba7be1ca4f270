"""会员分析: how many come, stay away and buy again; by day; and tiers by activity, each cell with the members in it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from nicegui import ui

from console.charts import draw_lines, meaning
from console.facts import draw_cards, draw_heading
from console.frame import draw_title
from console.listing import Listing, draw_listing
from console.markup import address, link, points
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, draw_span, figure_page
from console.pages.members import member_columns
from console.sheets import Links
from loyalty.numbers.cells import LARGEST, members_in
from loyalty.numbers.daily import MembersOn, members_by_day
from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.members import (
    SEGMENT_NAMES,
    SEGMENTS,
    Matrix,
    Rates,
    Segment,
    matrix,
    rates,
    roi,
)
from loyalty.numbers.page_sheets import matrix_sheet, percent
from loyalty.numbers.reports import by_dimension
from loyalty.numbers.sheets import Sheet, column_title
from loyalty.programme.rules import RuleSet
from operators.roles import Action
from operators.views.members import MemberLine, member_lines

PATH: Final = "/reports/members"
LIST: Final = "/reports/members/list"
WEEK: Final = timedelta(days=7)
BY_DAY: Final = ("joined", "came", "active", "silent")
PAGE_SIZE: Final = 50


async def read_days(asked: Asked) -> Sequence[MembersOn]:
    """The days of the span."""
    first, last, active_days = asked.first, asked.last, asked.rules.figures.activity.active_days
    return await asked.kept(
        "days", lambda: members_by_day(asked.visit.pool, first, last, active_days), first, last
    )


async def read_rates(asked: Asked, ago: timedelta) -> Rates:
    """The rates of the span, or of an equal one so long ago."""
    first, last, activity = asked.first - ago, asked.last - ago, asked.rules.figures.activity
    return await asked.kept("rates", lambda: rates(asked.visit.pool, first, last, activity), first, last)


async def read_matrix(asked: Asked) -> Matrix:
    """The members of today by tier and activity."""
    return await asked.kept("matrix", lambda: matrix(asked.visit.pool, asked.visit.today, asked.rules))


async def days_table(asked: Asked) -> Sheet:
    """By day, the newest first."""
    return days_sheet(await read_days(asked))


async def matrix_table(asked: Asked) -> Sheet:
    """Tiers by activity; no rows without members."""
    found = await read_matrix(asked)
    return matrix_sheet(found, asked.rules) if found else matrix_sheet(found, asked.rules)._replace(rows=())


DAYS: Final = Figure("member-days", "每天的会员", days_table)
MATRIX: Final = Figure(
    "matrix",
    "等级 × 活跃分层",
    matrix_table,
    "还没有会员。有人关注公众号或打开小程序以后就会有；也可以用「jifen import」把老会员搬进来。",
)


async def draw_members(asked: Asked) -> None:
    """The rates against a week ago, the days, and the matrix."""
    draw_span(asked, PATH)
    now, before = await read_rates(asked, timedelta(0)), await read_rates(asked, WEEK)
    whole = (await by_dimension(asked.visit.pool, asked.first, asked.last, "month", asked.rules)).whole
    draw_cards(cards_of(now, before, roi(whole, asked.rules.figures.point_cost_fen)))
    days = await read_days(asked)
    with ui.element("div").classes("panel"):
        series = [[getattr(one, name) for one in days] for name in BY_DAY]
        draw_lines(BY_DAY, [str(one.day) for one in days], series)
    await draw_figure(
        asked, MATRIX, links_of(await read_matrix(asked), asked.rules), meaning("segment", MATRIX.title)
    )
    await draw_figure(asked, DAYS)


def cards_of(now: Rates, before: Rates, brought: float | None) -> list[tuple[object, object, object]]:
    """The rates, each beside that of a week before."""
    told = "—" if brought is None else f"{brought:.1f} 倍"
    return [
        ("全部会员", link(points(now.members), "/members"), "没有并入别人的会员"),
        (meaning("active"), points(now.active), f"7 天前 {points(before.active)}"),
        (meaning("activity"), percent(now.activity), ""),
        (meaning("churn"), percent(now.churn), f"7 天前 {percent(before.churn)}"),
        (meaning("repurchase"), percent(now.repurchase), f"7 天前 {percent(before.repurchase)}"),
        (meaning("roi"), told, "" if brought is not None else "规则的「经营数据」里写了积分成本才算"),
    ]


def days_sheet(days: Sequence[MembersOn]) -> Sheet:
    """The days as a table, the newest first."""
    rows = tuple((str(one.day), *one[1:]) for one in reversed(days))
    return Sheet(("日期", *(column_title(name) for name in BY_DAY)), rows)


def links_of(found: Matrix, rules: RuleSet) -> Links:
    """The list behind each cell of the matrix in which there is anybody."""
    return {
        (row, column): address(LIST, tier=tier.id, segment=segment)
        for row, tier in enumerate(rules.tiers)
        for column, segment in enumerate(SEGMENTS, 1)
        if found.get((tier.id, segment))
    }


async def draw_cell(asked: Asked) -> None:
    """The members of one tier and segment, newest first."""
    tier = next((one for one in asked.rules.tiers if one.id == asked.query.get("tier")), asked.rules.tiers[0])
    segment = next((one for one in SEGMENTS if one == asked.query.get("segment")), SEGMENTS[0])
    draw_title(f"{tier.name} · {SEGMENT_NAMES[segment]}的会员")
    draw_heading(DEFINITIONS["segment"].meaning)
    ids = await read_cell(asked, tier.id, segment)
    listing = Listing[MemberLine](
        path=LIST,
        caption="会员",
        columns=member_columns(asked.rules, asked.visit.zone),
        empty="现在没有这样的会员。",
        kept={"tier": tier.id, "segment": segment},
    )
    after = str(ids[PAGE_SIZE - 1]) if len(ids) > PAGE_SIZE else None
    draw_listing(listing, await member_lines(asked.visit.pool, ids[:PAGE_SIZE]), asked.query, after)


async def read_cell(asked: Asked, tier: str, segment: Segment) -> list[int]:
    """The ids of the members of a page, and one more if there is a next page."""
    before = before_of(asked.query)
    return await asked.kept(
        "cell",
        lambda: members_in(
            asked.visit.pool, asked.visit.today, asked.rules, tier, segment, before, PAGE_SIZE + 1
        ),
        tier,
        segment,
        before,
    )


def before_of(query: Mapping[str, str]) -> int:
    """The id with which the last page ended; the largest one for the first page."""
    after = query.get("after", "")
    return min(int(after), LARGEST) if after.isdecimal() and len(after) < 20 else LARGEST


FIGURES: Final = (DAYS, MATRIX)
PAGES: Final = (
    Page(PATH, "会员分析", "reports", Action.REPORTS, figure_page(draw_members)),
    Page(LIST, "会员分析", "reports", Action.LOOK_MEMBERS, figure_page(draw_cell), in_menu=False),
)
