"""The command of a draw."""

from dataclasses import dataclass, field
from datetime import date

from typing_extensions import override

from loyalty.engine.command import check_at_least_one, fresh_entropy
from loyalty.games.rule import shown_subject
from loyalty.shown.commands import ShownCommand


@dataclass(frozen=True, kw_only=True)
class Draw(ShownCommand):
    """Spin a wheel `count` times; `client_seed` is the member's own input to the random roll.

    `odds_version` is the version that the member was shown; None: whichever is in force, or with `as_shown` the one last shown.
    `price_points` is the price of all spins that a client sent as shown; None: whichever is in force.
    """

    name = "draw"
    optional = ("odds_version", "price_points")

    wheel: str
    count: int = 1
    client_seed: str = ""
    odds_version: str | None = None
    price_points: int | None = None
    entropy: bytes = field(default_factory=fresh_entropy, repr=False)

    def __post_init__(self) -> None:
        check_at_least_one(self.count)

    @property
    @override
    def subject(self) -> str:
        return shown_subject(self.wheel)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "draw", f"{self.wheel}:{self.request_key}"
