"""Charts with the table beside them: the chart shows the shape, the table the figures, and a "?" what each number means."""

from collections.abc import Sequence
from typing import Any, Final

from markupsafe import Markup
from nicegui import ui

from loyalty.numbers.definitions import DEFINITIONS

COLOURS: Final = ("#17694f", "#c98a1b", "#7a8c84", "#b3261e", "#3c6fb0", "#8d5fa8")


def draw_lines(
    names: Sequence[str], days: Sequence[str], series: Sequence[Sequence[float]], *, bars: bool = False
) -> None:
    """Lines over days, or bars over the parts of a dimension; each name is a number of the definitions."""
    kind = "bar" if bars else "line"
    options: dict[str, Any] = {
        "animation": False,
        "color": list(COLOURS),
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "data": [DEFINITIONS[name].title for name in names]},
        "grid": {"left": 16, "right": 24, "top": 40, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": list(days)},
        "yAxis": {"type": "value"},
        "series": [
            {"name": DEFINITIONS[name].title, "type": kind, "data": list(values), "symbol": "none"}
            for name, values in zip(names, series, strict=True)
        ],
    }
    ui.echart(options).classes("chart")


def meaning(name: str) -> Markup:
    """The title of a number with a "?" that says what it counts and by which formula."""
    one = DEFINITIONS[name]
    told = Markup('{} <abbr class="what" title="{}&#10;＝{}" tabindex="0">?</abbr>')
    return told.format(one.title, one.meaning, one.formula)
