"""会员分析: how many come, stay away and buy again; by day; and tiers by activity, each cell with the members in it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.charts import draw_lines, meaning
from console.facts import draw_cards, draw_heading
from console.frame import draw_title
from console.listing import Listing, draw_listing
from console.listings.members import member_columns
from console.markup import address, link, points
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, figure_page
from console.sheets import Links
from loyalty.numbers.cells import LARGEST, members_in
from loyalty.numbers.daily import MembersOn
from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.members import (
    SEGMENT_NAMES,
    SEGMENTS,
    Matrix,
    Rates,
    roi,
)
from loyalty.numbers.overview import Overview, overview
from loyalty.numbers.page_sheets import change, matrix_sheet, percent
from loyalty.numbers.reports import by_dimension
from loyalty.numbers.sheets import Sheet, column_title
from loyalty.numbers.snapshots import SPAN_DAYS
from loyalty.programme.rules import RuleSet
from operators.roles import Action
from operators.views.members import MemberLine, member_lines

PATH: Final = "/reports/members"
LIST: Final = "/reports/members/list"
WEEK_DAYS: Final = 7
BY_DAY: Final = ("joined", "came", "active", "silent")
PAGE_SIZE: Final = 50


async def read_matrix(asked: Asked) -> tuple[date, Matrix]:
    """The members by tier and activity, and the day at the end of which they are."""
    day, cells, _ = await asked.snapshot("segments")
    return day, {(one.tier, one.segment): one.members for one in cells}


async def days_table(asked: Asked) -> Sheet:
    """By day, the newest first."""
    return days_sheet((await asked.snapshot("days")).content)


async def matrix_table(asked: Asked) -> Sheet:
    """Tiers by activity; no rows without members."""
    _, found = await read_matrix(asked)
    sheet = matrix_sheet(found, asked.rules)
    return sheet if found else sheet._replace(rows=())


DAYS: Final = Figure("member-days", "每天的会员", days_table)
MATRIX: Final = Figure(
    "matrix",
    "等级 × 活跃分层",
    matrix_table,
    "还没有会员。有人关注公众号或打开小程序以后就会有；也可以用「jifen import」把老会员搬进来。",
)


async def draw_members(asked: Asked) -> None:
    """Today so far, the rates, the days, and the matrix."""
    today = await overview(asked.visit.pool, asked.visit.desk.now(), asked.visit.zone)
    draw_heading(f"今天到 {today.until} 为止，和上周同一天的同一时刻比")
    draw_cards(today_cards(today))
    found, days = await asked.snapshot("members"), (await asked.snapshot("days")).content
    draw_heading(f"截至 {found.day}（按会员统计的数字每天夜里算一次）")
    draw_cards(rate_cards(found.content, days, await read_roi(asked, found.day)))
    with ui.element("div").classes("panel"):
        series = [[getattr(one, name) for one in days] for name in BY_DAY]
        draw_lines(BY_DAY, [str(one.day) for one in days], series)
    _, matrix = await read_matrix(asked)
    await draw_figure(asked, MATRIX, links_of(matrix, asked.rules), meaning("segment", MATRIX.title))
    with ui.element("div").classes("tall"):
        await draw_figure(asked, DAYS)


async def read_roi(asked: Asked, day: date) -> float | None:
    """投入产出比 of the thirty days up to a day."""
    first = day - timedelta(days=SPAN_DAYS - 1)
    whole = (await by_dimension(asked.visit.pool, first, day, "month", asked.rules)).whole
    return roi(whole, asked.rules.figures.point_cost_fen)


def today_cards(found: Overview) -> list[tuple[object, object, object]]:
    """New members and those who came today, beside last week's."""
    numbers = [
        (meaning("joined"), found.today.totals["joined"], found.before.totals["joined"]),
        (meaning("came"), found.today.active, found.before.active),
    ]
    return [
        (title, points(now), f"上周 {points(then)}" + (f"，{change(then, now)}" if then else ""))
        for title, now, then in numbers
    ]


def rate_cards(
    found: Rates, days: Sequence[MembersOn], brought: float | None
) -> list[tuple[object, object, object]]:
    """The rates, with the active members of a week before."""
    told = "—" if brought is None else f"{brought:.1f} 倍"
    before = f"7 天前 {points(days[-8].active)}" if len(days) > WEEK_DAYS else ""
    return [
        ("全部会员", link(points(found.members), "/members"), "没有并入别人的会员"),
        (meaning("active"), points(found.active), before),
        (meaning("activity"), percent(found.activity), ""),
        (meaning("churn"), percent(found.churn), f"{points(found.lost)} 位没有再来"),
        (
            meaning("repurchase"),
            percent(found.repurchase),
            f"{points(found.buyers)} 位买家里 {points(found.again)} 位",
        ),
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
    ui.html(Markup('<p class="quiet">{}</p>').format(DEFINITIONS["segment"].meaning), sanitize=False)
    day, _, _ = await asked.snapshot("segments")
    ids, after = await members_in(
        asked.visit.pool, day, asked.rules, tier.id, segment, before_of(asked.query), PAGE_SIZE
    )
    listing = Listing[MemberLine](
        path=LIST,
        caption="会员",
        columns=member_columns(asked.rules, asked.visit.zone),
        empty="这一段会员里没有，请看下一页。" if after else "没有这样的会员。",
        filtered_empty="这一段会员里没有，请看下一页。" if after else "后面没有这样的会员了。",
        kept={"tier": tier.id, "segment": segment},
    )
    lines = await member_lines(asked.visit.pool, ids)
    draw_listing(listing, lines, asked.query, None if after is None else str(after))


def before_of(query: Mapping[str, str]) -> int:
    """The id with which the last page ended; the largest one for the first page."""
    after = query.get("after", "")
    return min(int(after), LARGEST) if after.isdecimal() and len(after) < 20 else LARGEST


FIGURES: Final = (DAYS, MATRIX)
PAGES: Final = (
    Page(PATH, "会员分析", "reports", Action.REPORTS, figure_page(draw_members)),
    Page(LIST, "会员分析", "reports", Action.LOOK_MEMBERS, figure_page(draw_cell), in_menu=False),
)
