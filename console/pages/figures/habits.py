"""偏好与时段: what members redeem, and when they come."""

from collections.abc import Sequence
from typing import Final

from nicegui import ui

from console.charts import Options, axis_options, draw_chart, heat_options, meaning
from console.page import Page
from console.pages.figures.figure import Asked, Figure, draw_figure, draw_span, figure_page
from loyalty.numbers.habits import Hours, Liked, busy_hours, liked_rewards
from loyalty.numbers.page_sheets import WEEKDAYS, hours_sheet, liked_sheet
from loyalty.numbers.sheets import Sheet
from operators.roles import Action

PATH: Final = "/reports/habits"
MOST_BARS: Final = 20
CLOCK: Final = tuple(f"{hour} 点" for hour in range(24))


async def liked_table(asked: Asked) -> Sheet:
    """兑换偏好."""
    return liked_sheet(await liked_rewards(asked.visit.pool, asked.first, asked.last, asked.rules))


async def hours_table(asked: Asked) -> Sheet:
    """活跃时段; no rows when nobody came."""
    found = await busy_hours(asked.visit.pool, asked.first, asked.last)
    return hours_sheet(found)._replace(rows=()) if not found else hours_sheet(found)


LIKED: Final = Figure(
    "liked",
    "兑换偏好",
    liked_table,
    "这段时间没有人兑换。可以换一段时间，或者到「滞销率」看看积分为什么没有用掉。",
)
HOURS: Final = Figure("hours", "活跃时段", hours_table, "这段时间没有会员来过，可以换一段时间看。")


async def draw_habits(asked: Asked) -> None:
    """The rewards, then the hours."""
    draw_span(asked, PATH)
    pool, first, last = asked.visit.pool, asked.first, asked.last
    if liked := await liked_rewards(pool, first, last, asked.rules):
        with ui.element("div").classes("panel"):
            draw_chart(liked_options(liked))
    await draw_figure(asked, LIKED)
    if hours := await busy_hours(pool, first, last):
        with ui.element("div").classes("panel later"):
            draw_chart(hours_options(hours))
    await draw_figure(asked, HOURS, title=meaning("acted", "活跃时段"))


def liked_options(liked: Sequence[Liked]) -> Options:
    """Pieces by reward, the most liked first."""
    shown = liked[:MOST_BARS]
    pieces = [[one.pieces for one in shown]]
    return axis_options(("兑换份数",), [one.title for one in shown], pieces, bars=True, unit="份")


def hours_options(hours: Hours) -> Options:
    """Acts by hour, from left to right, and weekday, Monday at the top."""
    cells = {(hour, weekday - 1): acts for (weekday, hour), acts in hours.items()}
    return heat_options(CLOCK, WEEKDAYS, cells)


FIGURES: Final = (LIKED, HOURS)
PAGES: Final = (Page(PATH, "偏好与时段", "reports", Action.REPORTS, figure_page(draw_habits)),)
