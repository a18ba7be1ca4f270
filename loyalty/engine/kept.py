"""A feature's declaration of what its table keeps of a member, in the words of the copy of personal data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Shown = Callable[[Any], object]
"""A stored value as members read it."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A table with rows of members: its Chinese title, what the rows are kept for, and the columns that members are told.

    `columns` are the Chinese titles by column, in the order of the copy. `key`, after the member's id, tells a member's rows apart
    and has no nulls; rows are read in its order. `shown` turns a column's value into what members read. `words` makes
    further titled values of a whole row, for which the columns `needs` are read as well.
    """

    table: str
    title: str
    why: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()
    shown: Mapping[str, Shown] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    words: Callable[[Mapping[str, Any]], Mapping[str, object]] = lambda _: {}


def named(names: Mapping[str, str]) -> Shown:
    """The Chinese name of a code; a code without one stays as it is."""
    return lambda code: names.get(code, code)
