"""The rule of a reward: its price, the number of pieces, and for how long its voucher is valid."""

from typing import Annotated, Literal

from pydantic import Field

from loyalty.ledger.ids import Id
from loyalty.programme.sections import Points, Rule, Title


def reward_pool(reward: str) -> str:
    """The name of the pool of a limited reward."""
    return f"reward:{reward}"


def shown_subject(reward: str) -> str:
    """The name under which `shown` keeps the price of a reward."""
    return f"reward:{reward}"


class Reward(Rule):
    """A reward that points can be exchanged for. `stock` null means unlimited; the voucher is valid for `valid_days`.

    Members may cancel an unused voucher for `cancel_hours`; 0: never.
    """

    id: Id
    name: Title
    kind: Literal["voucher"]
    price_points: Annotated[Points, Field(ge=1)]
    stock: Annotated[int, Field(ge=0)] | None = None
    valid_days: Annotated[int, Field(ge=1, le=3660)] = 90
    terms: str = ""
    cancel_hours: Annotated[int, Field(ge=0, le=8784)] = 24
