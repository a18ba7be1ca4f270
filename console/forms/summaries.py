"""A thing in one line: the first few of its plain values, with their titles and units."""

from collections.abc import Mapping
from typing import Any, Final

from console.forms.shapes import Choice, Flag, Free, Group, Item, Number, Words
from console.forms.values import SUFFIXES, shown_free, shown_number

LEFT_OUT: Final = ("id", "name", "title", "terms", "slot")
MOST: Final = 4


def summary_of(group: Group, element: Any) -> str:
    """The summary of an element with this shape; empty for what is none."""
    if not isinstance(element, Mapping):
        return ""
    told = [
        f"{item.title} {_words(item, element[item.key])}"
        for item in group.fields
        if item.key not in LEFT_OUT
        and isinstance(element.get(item.key), int | str)
        and isinstance(item.shape, Number | Words | Choice | Flag | Free)
    ]
    return "，".join(told[:MOST])


def _counted(value: Any, shape: Number, unit: str) -> str:
    """A number with its thousands apart and its unit: 1,500 分, 0.1%."""
    shown = shown_number(value, shape)
    number = f"{int(shown):,}" if shown.isdecimal() else shown
    return f"{number} {unit}" if unit and unit != "%" else f"{number}{unit}"


def _words(item: Item, value: Any) -> str:
    match item.shape:
        case Number(unit=unit):
            return _counted(value, item.shape, SUFFIXES.get(unit, ""))
        case Choice(options=options):
            return options.get(str(value), str(value))
    return shown_free(value)
