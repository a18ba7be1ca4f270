"""The shape of a form, read from the types of the rule set: groups of fields, lists, choices, numbers with their units."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_origin

import annotated_types
from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from console.forms.helps import form_help
from loyalty.earning.rules.values import AttributeValue, Factor, OneOf, PendingDays
from loyalty.programme.declaring.faults import OfDrafts
from loyalty.programme.outline.items import UNIONS, bare, items_of
from loyalty.programme.rules import RuleSet

Unit = Literal["", "fen", "ppm", "days", "months", "points", "hours", "times"]
WEEKDAYS: Final = {
    "monday": "周一", "tuesday": "周二", "wednesday": "周三", "thursday": "周四", "friday": "周五", "saturday": "周六",
    "sunday": "周日",
}  # fmt: skip
LONG_TEXT: Final = 60


@dataclass(frozen=True)
class Number:
    """A whole number; the unit says how people write it."""

    unit: Unit
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Words:
    """A text. `long`: more than a line."""

    most: int | None
    long: bool


@dataclass(frozen=True)
class Flag:
    """Yes or no. `only_true`: it is either written as true or not at all."""

    only_true: bool


@dataclass(frozen=True)
class Choice:
    """One of some codes, each with its words."""

    options: Mapping[str, str]


@dataclass(frozen=True)
class When:
    """A day, a day with its time, or a time of day."""

    kind: Literal["date", "datetime-local", "time"]


@dataclass(frozen=True)
class Free:
    """A value that is written as people write it: a number, or a text where it is none, such as a factor of "1.5"."""

    hint: str


@dataclass(frozen=True)
class Group:
    """Fields together. `one_of`: exactly one of them is written, so the operator first chooses which."""

    fields: tuple["Item", ...]
    one_of: bool


@dataclass(frozen=True)
class Many:
    """A list whose elements the operator adds, removes and moves."""

    element: "Shape"
    least: int


@dataclass(frozen=True)
class Fixed:
    """Several values of which each has its own place, such as the two ends of a range."""

    parts: tuple["Shape", ...]


@dataclass(frozen=True)
class Pairs:
    """Names chosen by the operator, each with a value; `names` are the only ones possible, if there are such."""

    value: "Shape"
    names: Mapping[str, str] | None


@dataclass(frozen=True)
class Kinds:
    """One of several shapes, told apart by what is written."""

    shapes: tuple["Shape", ...]


Shape: TypeAlias = Number | Words | Flag | Choice | When | Free | Group | Many | Fixed | Pairs | Kinds


@dataclass(frozen=True)
class Item:
    """A field: its key, what people call it, its help, and its shape. What is not `required` may be left out."""

    key: str
    title: str
    help: str
    shape: Shape
    required: bool
    default: Any


@cache
def section_items() -> Mapping[str, Item]:
    """The sections of the rule set by their keys, in the order of the model."""
    return {item.key: item for item in group_of(RuleSet).fields}


def group_of(model: Any, unit: Unit = "") -> Group:
    """The group of a section's fields."""
    found = items_of(model)
    titles = _titles_of_sections() | {key: item.title or key for key, item in found.items()}
    fields = tuple(_item(key, item, unit, titles) for key, item in found.items())
    return Group(fields, one_of=isinstance(model, type) and issubclass(model, OneOf))


@cache
def _titles_of_sections() -> dict[str, str]:
    return {key: item.title or key for key, item in items_of(RuleSet).items()}


def _item(key: str, item: FieldInfo, inherited: Unit, titles: Mapping[str, str]) -> Item:
    help_text = item.description or ""
    unit = _unit(key, help_text) or inherited
    required = item.default is PydanticUndefined and item.default_factory is None
    default = None if required else item.default
    shape = _shape(item.annotation, list(item.metadata), unit, help_text)
    told = form_help(help_text, _codes(shape), titles)
    return Item(key, item.title or key, told, shape, required, default)


def _codes(shape: Shape) -> Iterable[str]:
    match shape:
        case Choice(options=options):
            return options
        case Many(element=element):
            return _codes(element)
        case Pairs(value=value):
            return _codes(value)
        case Kinds(shapes=shapes):
            return [code for one in shapes for code in _codes(one)]
    return ()


def _unit(key: str, help_text: str) -> Unit:
    if key.endswith("_fen") or key == "fen" or "单位是分" in help_text:
        return "fen"
    if key.endswith("_ppm"):
        return "ppm"
    for ending in ("days", "months", "hours", "points", "times"):
        if key == ending or key.endswith(f"_{ending}"):
            return ending
    return ""


def _shape(annotation: Any, metadata: list[Any], unit: Unit, help_text: str) -> Shape:
    if annotation in (Factor, PendingDays, AttributeValue) or get_origin(annotation) is Annotated:
        if annotation == PendingDays:
            return Kinds((Number("days", 0, 90), Pairs(Number("days", 0, 90), None)))
        if annotation in (Factor, AttributeValue):
            return Free("例如 2 或 1.5" if annotation == Factor else "文字、整数，或「是」「否」")
        inner, *more = get_args(annotation)
        return _shape(inner, [*more, *metadata], unit, help_text)
    if get_origin(annotation) in UNIONS:
        kinds = [one for one in get_args(annotation) if one is not NoneType]
        if len(kinds) == 1:
            return _shape(kinds[0], metadata, unit, help_text)
        return Kinds(tuple(_shape(one, [], unit, help_text) for one in kinds))
    return _plain(annotation, metadata, unit, help_text)


def _plain(annotation: Any, metadata: list[Any], unit: Unit, help_text: str) -> Shape:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return (
            Flag(only_true=True)
            if inner == (True,)
            else Choice({str(code): words_of(str(code), help_text) for code in inner})
        )
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return Many(_shape(inner[0], [], unit, help_text), _least(metadata))
        return Fixed(tuple(_shape(one, [], unit, help_text) for one in inner))
    if origin in (dict, Mapping):
        return Pairs(_shape(inner[1], [], unit, help_text), None)
    if items_of(annotation) or (isinstance(annotation, type) and issubclass(annotation, OneOf)):
        return group_of(bare(annotation), unit)
    if annotation is bool:
        return Flag(only_true=False)
    if annotation is int:
        return Number(unit, *_bounds(metadata))
    if annotation in (date, datetime, time):
        kinds: dict[Any, Literal["date", "datetime-local", "time"]] = {
            date: "date",
            datetime: "datetime-local",
            time: "time",
        }
        return When(kinds[annotation])
    most = _most(metadata)
    return Words(most, long=most is None or most > LONG_TEXT)


def _bounds(metadata: list[Any]) -> tuple[int | None, int | None]:
    flat = list(_flat(metadata))
    lows: list[Any] = [one.ge for one in flat if isinstance(one, annotated_types.Ge)]
    highs: list[Any] = [one.le for one in flat if isinstance(one, annotated_types.Le)]
    return max(lows, default=None), min(highs, default=None)


def _least(metadata: list[Any]) -> int:
    return max(
        (one.min_length for one in _flat(metadata) if isinstance(one, annotated_types.MinLen)), default=0
    )


def _most(metadata: list[Any]) -> int | None:
    bounds = [one.bound for one in _flat(metadata) if isinstance(one, OfDrafts)]
    written = [int(found[1]) for bound in bounds if (found := re.search(r"(\d+) 个字", bound))]
    limits = [
        one.max_length
        for one in _flat(metadata)
        if isinstance(one, StringConstraints | annotated_types.MaxLen)
    ]
    return min([*written, *(limit for limit in limits if limit is not None)], default=None)


def _flat(metadata: list[Any]) -> list[Any]:
    return [part for one in metadata for part in (one.metadata if isinstance(one, FieldInfo) else [one])]


def words_of(code: str, help_text: str) -> str:
    """The words of a code as the item's help gives them (`day 一天一轮，week 一周一轮`); the code itself if it gives none."""
    found = re.search(rf"(?<![A-Za-z_]){re.escape(code)}[ ：]([^，。；]+)", help_text)
    return WEEKDAYS.get(code) or (found[1].strip() if found else code)
