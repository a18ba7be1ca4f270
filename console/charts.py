"""Charts with the table beside them: the chart shows the shape, the table the figures, and a "?" what each number means."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup
from nicegui import ui

from loyalty.numbers.definitions import DEFINITIONS

COLOURS: Final = ("#2a9070", "#c98a1b", "#7a8c84", "#b3261e", "#3c6fb0", "#8d5fa8")
WORDS: Final = "#7f8a85"
"""The colour of a chart's words and lines, which can be read on light and on dark ground."""
HEAT: Final = ("rgba(42, 144, 112, 0.05)", "rgba(42, 144, 112, 1)")
RULES: Final = {"lineStyle": {"color": WORDS, "opacity": 0.25}}

Series = Sequence[float | None]
Options = dict[str, Any]


def draw_lines(
    names: Sequence[str], days: Sequence[str], series: Sequence[Series], *, bars: bool = False
) -> None:
    """Lines over days, or bars over the parts of a dimension; each name is a number of the definitions."""
    draw_chart(axis_options([DEFINITIONS[name].title for name in names], days, series, bars=bars))


def draw_chart(options: Options) -> None:
    """Draw a chart; the table beside it has the same figures for those who cannot see it."""
    ui.echart(options).classes("chart").props('aria-hidden="true"')


def axis_options(
    titles: Sequence[str],
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    bars: bool = False,
    unit: str = "",
) -> Options:
    """Lines or bars: one value of each series for each category; None leaves a gap."""
    kind = "bar" if bars else "line"
    symbol = "none" if len(categories) > 1 else "circle"  # a line of one point draws nothing
    return {
        "animation": False,
        "color": list(COLOURS),
        "textStyle": {"color": WORDS},
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "data": list(titles), "textStyle": {"color": WORDS}},
        "grid": {"left": 16, "right": 24, "top": 40, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": list(categories), "axisLabel": {"color": WORDS}},
        "yAxis": {"type": "value", "name": unit, "axisLabel": {"color": WORDS}, "splitLine": RULES},
        "series": [
            {"name": title, "type": kind, "data": list(values), "symbol": symbol, "barMaxWidth": 40}
            for title, values in zip(titles, series, strict=True)
        ],
    }


def heat_options(
    columns: Sequence[str], rows: Sequence[str], cells: Mapping[tuple[int, int], int]
) -> Options:
    """A heat map: the value of each (column, row), both counted from 0; what is missing is 0. The first row is at the top."""
    data = [
        [column, row, cells.get((column, row), 0)]
        for row in range(len(rows))
        for column in range(len(columns))
    ]
    return {
        "animation": False,
        "textStyle": {"color": WORDS},
        "tooltip": {"position": "top"},
        "grid": {"left": 16, "right": 24, "top": 8, "bottom": 72, "containLabel": True},
        "xAxis": {"type": "category", "data": list(columns), "axisLabel": {"color": WORDS}},
        "yAxis": {"type": "category", "data": list(rows), "inverse": True, "axisLabel": {"color": WORDS}},
        "visualMap": {
            "min": 0, "max": max((value for *_, value in data), default=0) or 1, "orient": "horizontal", "left": "center",
            "bottom": 0, "calculable": True, "textStyle": {"color": WORDS}, "inRange": {"color": HEAT},
        },
        "series": [{"type": "heatmap", "data": data, "itemStyle": {"borderColor": WORDS, "borderWidth": 0.3}}],
    }  # fmt: skip


def meaning(name: str, words: str = "") -> Markup:
    """The title of a number, or other words for it, with a "?" that says what it counts and by which formula."""
    one = DEFINITIONS[name]
    told = Markup('{} <a class="what" href="/reports/meanings#{}" title="{}&#10;＝{}">?</a>')
    return told.format(words or one.title, name, one.meaning, one.formula)
