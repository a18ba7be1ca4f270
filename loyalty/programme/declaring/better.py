"""Declarations beside the items of the rule set: whether members gain or lose when a value rises. `favour` compares by them.

    price_points: Annotated[Points, LOWER_IS_BETTER] = Field(…)
    stock: Annotated[Pieces | None, Better("higher", null="best")] = Field(…)

A section whose items can only be judged together declares them TOGETHER and has a method

    def losses(self, before: Self) -> Iterable[Fault]

that names what got worse. An item without a declaration is judged as UNKNOWN: whatever changes in it may be worse.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, runtime_checkable

from loyalty.programme.declaring.faults import Fault


@dataclass(frozen=True)
class Better:
    """How two values of one item compare for members.

    `way`: a higher or a lower value is better, where more elements of a list count as higher; `neutral`: no value gives or takes
    anything; `together`: the section's own `losses` compares it; `unknown`: the program cannot tell. `null` says whether a value
    that is not written is better or worse than every other one.
    """

    way: Literal["higher", "lower", "neutral", "together", "unknown"]
    null: Literal["best", "worst", "unknown"] = "unknown"


HIGHER_IS_BETTER: Final = Better("higher")
LOWER_IS_BETTER: Final = Better("lower")
NEUTRAL: Final = Better("neutral")
TOGETHER: Final = Better("together")
UNKNOWN: Final = Better("unknown")


@runtime_checkable
class Comparable(Protocol):
    """A section that compares what it declares TOGETHER."""

    def losses(self, before: Any) -> Iterable[Fault]:
        """What members lose against the section `before`; the places are relative to this section."""


def declared(metadata: Iterable[Any]) -> Better:
    """The declaration among the metadata of an item."""
    return next((one for one in metadata if isinstance(one, Better)), UNKNOWN)
