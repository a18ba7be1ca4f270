"""The items of the rule set, as the model declares them: their keys, Chinese titles, descriptions, and what may be written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from loyalty.programme.declaring.faults import Where
from loyalty.programme.declaring.texts import shown
from loyalty.programme.rules import RuleSet

UNIONS: Final = (Union, UnionType)


@dataclass(frozen=True)
class Named:
    """An element of a list, by its name; `title` is what members call it, where that is another.

    Names alone tell elements apart.
    """

    name: str
    title: str = field(default="", compare=False)

    @property
    def both(self) -> str:
        """The name, and the title where it says more: `latte 拿铁`."""
        return self.name if self.title in ("", self.name) else f"{self.name} {self.title}"


def bare(annotation: Any) -> Any:
    """An annotation without Annotated and without None; of several kinds of values a section, if one is among them."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in UNIONS:
            kinds = [bare(one) for one in get_args(annotation) if one is not NoneType]
            return next((one for one in kinds if hasattr(one, "__pydantic_fields__")), kinds[0])
        else:
            return annotation


def items_of(annotation: Any) -> dict[str, FieldInfo]:
    """The items of a section or of each element of a list of sections; empty where there are none."""
    inner = bare(annotation)
    if get_origin(inner) is tuple:
        return items_of(get_args(inner)[0])
    found: dict[str, FieldInfo] = getattr(inner, "__pydantic_fields__", {})
    return {item.alias or name: item for name, item in found.items()}


def value_in(section: Any, key: str) -> Any:
    """The value of an item by its key, which is not the attribute's name where that is a word of Python's."""
    name = next(name for name, item in type(section).__pydantic_fields__.items() if key in (name, item.alias))
    return getattr(section, name)


def values_of(annotation: Any) -> Any:
    """The type of a mapping's values; None for what is no mapping with keys of the operator's choice."""
    inner = bare(annotation)
    return get_args(inner)[1] if get_origin(inner) in (dict, Mapping) else None


def items_at(where: Where) -> dict[str, FieldInfo]:
    """The items that may be written at a place."""
    annotation: Any = RuleSet
    for step in where:
        if isinstance(step, str):
            item = items_of(annotation).get(step)
            annotation = item.annotation if item else values_of(annotation)
    return items_of(annotation)


def item_at(where: Where) -> FieldInfo | None:
    """The item at a place; None for a list's element and for what is no item."""
    if not where or isinstance(where[-1], int):
        return None
    return items_at(where[:-1]).get(where[-1])


def place_text(steps: Iterable[str | Named | int]) -> str:
    """A place as an operator finds it: `wheels（转盘）「lucky」 › prizes（奖品）「latte」 › odds_ppm（概率）`."""
    where: list[str | int] = []
    told: list[str] = []
    for step in steps:
        where.append(step if isinstance(step, str) else 0)
        if isinstance(step, str):
            item = item_at(tuple(where))
            told.append(f"{shown(step, 40)}（{item.title}）" if item and item.title else shown(step, 40))
        elif told:
            told[-1] += f" 第 {step + 1} 项" if isinstance(step, int) else f"「{shown(step.both, 60)}」"
    return " › ".join(told)


def plain_text(steps: Iterable[str | Named | int]) -> str:
    """A place as members understand it: `礼品「杯子」价格`."""
    where: list[str | int] = []
    told = ""
    for step in steps:
        where.append(step if isinstance(step, str) else 0)
        if isinstance(step, Named):
            told += f"「{shown(step.title or step.name, 40)}」"
        elif isinstance(step, str):
            item = item_at(tuple(where))
            told += item.title if item and item.title else shown(step, 40)
    return told


@cache
def sections() -> tuple[tuple[tuple[str, ...], dict[str, FieldInfo]], ...]:
    """Every section with its keys from the outside in, as `(("wheels", "prizes"), items)`, in the order of the model."""
    return tuple(_sections((), RuleSet))


def _sections(
    where: tuple[str, ...], annotation: Any
) -> Iterator[tuple[tuple[str, ...], dict[str, FieldInfo]]]:
    found = items_of(annotation)
    if found:
        yield where, found
    for key, item in found.items():
        yield from _sections((*where, key), values_of(item.annotation) or item.annotation)
