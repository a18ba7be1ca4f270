"""Reading the cells of one row by their fields, gathering everything that is wrong with them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from moving.columns import FIELDS
from moving.problems import BadValue
from moving.sheet import Cell, Row
from moving.values import text_of

T = TypeVar("T")


class Reading:
    """One row; `faults` has what was wrong so far, in Chinese."""

    def __init__(self, row: Row, places: Mapping[str, int]) -> None:
        self.row, self._places = row, places
        self.faults: list[str] = [row.fault] if row.fault else []

    def has(self, field: str) -> bool:
        """Whether the table has a column of the field."""
        return field in self._places

    def is_masked(self, field: str) -> bool:
        """Whether the field's value has stars in place of what it was, as our own exports write phone numbers."""
        place = self._places.get(field)
        return place is not None and not self.row.fault and "*" in text_of(self.row.cells[place])

    def value(self, field: str, parse: Callable[[Cell, str], T]) -> T | None:
        """The field's value; None where the column is missing, the cell is empty or bad, or the row is broken as such."""
        place = self._places.get(field)
        if place is None or self.row.fault:
            return None
        cell = self.row.cells[place]
        if not (cell.strip() if type(cell) is str else text_of(cell)):
            return None
        try:
            return parse(cell, FIELDS[field].title)
        except BadValue as bad:
            self.faults.append(str(bad))
            return None

    def required(self, field: str, parse: Callable[[Cell, str], T]) -> T | None:
        """The field's value; a fault where it is missing."""
        faults = len(self.faults)
        value = self.value(field, parse)
        if value is None and len(self.faults) == faults and not self.row.fault:
            self.faults.append(f"没有写{FIELDS[field].title}")
        return value
