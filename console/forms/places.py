"""Values inside a JSON value by their place, and new elements of lists with ids that nobody has to invent."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from console.forms.shapes import Group, Shape
from loyalty.programme.declaring.faults import Where

REFERENCES: Final[Mapping[str, str]] = {
    "tier": "tiers",
    "tiers": "tiers",
    "store": "stores",
    "on": "events",
    "event": "events",
    "ticket": "wheels",
    "unlock": "rewards",
}
"""Keys whose texts are the ids of another section's elements."""
SIBLINGS: Final = ("substitute",)
"""Keys whose texts are the ids of elements beside their own."""


def value_at(body: Any, where: Where) -> Any:
    """The value at a place; None if there is none."""
    for step in where:
        if isinstance(body, Mapping):
            body = body.get(str(step))
        elif (
            isinstance(body, Sequence)
            and not isinstance(body, str)
            and isinstance(step, int)
            and step < len(body)
        ):
            body = body[step]
        else:
            return None
    return body


def put_at(body: Any, where: Where, value: Any) -> None:
    """Set the value at a place, with whatever is missing around it; None takes the key out of its mapping."""
    for step, following in pairwise(where):
        inner = value_at(body, (step,))
        if inner is None:
            inner = [] if isinstance(following, int) else {}
            body[step] = inner
        body = inner
    last = where[-1]
    if value is None and isinstance(body, dict):
        body.pop(last, None)
    elif isinstance(body, list) and isinstance(last, int) and last == len(body):
        body.append(value)
    else:
        body[last] = value


def choices_for(body: Mapping[str, Any], where: Where) -> dict[str, str] | None:
    """The ids that may stand at a place, with their names; None where a text is no reference."""
    keys = [step for step in where if isinstance(step, str)]
    key = keys[-1] if keys else ""
    if key in SIBLINGS:
        return _named(value_at(body, where[:-2]), without=value_at(body, (*where[:-1], "id")))
    section = REFERENCES.get(key)
    return _named(body.get(section)) if section and keys[:1] != [section] else None


def _named(elements: Any, without: Any = None) -> dict[str, str]:
    if not isinstance(elements, list):
        return {}
    return {
        one["id"]: str(one.get("name") or one["id"])
        for one in elements
        if isinstance(one, dict) and one.get("id") not in (None, without)
    }


def new_element(shape: Shape, elements: Sequence[Any], name: str) -> Any:
    """A new element for a list: a group gets an id, and a slot if it has one, that no other element has."""
    if not isinstance(shape, Group):
        return None
    keys = {field.key for field in shape.fields}
    element: dict[str, Any] = {}
    if "id" in keys:
        element["id"] = _free_id(elements, re.sub(r"[^a-z0-9_]", "", name.lower()).rstrip("s") or "item")
    if "slot" in keys:
        taken = {one.get("slot") for one in elements if isinstance(one, dict)}
        element["slot"] = next(number for number in range(len(elements) + 1) if number not in taken)
    return element


def _free_id(elements: Sequence[Any], stem: str) -> str:
    taken = {one.get("id") for one in elements if isinstance(one, dict)}
    return next(name for number in range(1, len(elements) + 2) if (name := f"{stem}_{number}") not in taken)


def title_of(element: Any, place: int) -> str:
    """What an element of a list is called: its name, title or id, otherwise its place."""
    if isinstance(element, Mapping):
        for key in ("name", "title", "id"):
            if element.get(key) not in (None, ""):
                return str(element[key])
    return f"第 {place + 1} 项"
