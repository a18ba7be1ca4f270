"""Everything that one member brings to another: lots, debt, growth, meters, members merged before, and each feature's facts."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter


class MovedLot(NamedTuple):
    """Points of a lot, with the key that they keep."""

    expires_on: date
    opens_on: date
    terms: int
    points: int


class MovedMeter(NamedTuple):
    """A meter's value."""

    name: str
    period: str
    value: int


@dataclass(frozen=True)
class Moved:
    """The points that moved by one receipt.

    `growth` is the growth of points that were used up before, so they are in no lot. `lapsed` are points that a refund of an order
    which moves along may give back.
    """

    lots: tuple[MovedLot, ...] = ()
    debt: int = 0
    growth: int = 0
    meters: tuple[MovedMeter, ...] = ()
    lapsed: tuple[MovedLot, ...] = ()

    @property
    def points(self) -> int:
        """The points of all lots."""
        return sum(lot.points for lot in self.lots)


@dataclass(frozen=True)
class Brought:
    """Everything that leaves one member for another. `facts` are what each feature's `Carry.give` returned, by its name."""

    moved: Moved
    halves: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


_JSON: Final = TypeAdapter(Brought)


def to_text(brought: Brought) -> str:
    """The JSON text of a command's `brought`."""
    return _JSON.dump_json(brought).decode()


def from_text(text: str) -> Brought:
    """The content of a command's `brought`. Raises pydantic's ValidationError."""
    return _JSON.validate_json(text)
