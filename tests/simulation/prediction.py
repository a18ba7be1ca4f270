"""An expected answer and what it would change: the shape of what a feature's ledger makes and the judge compares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome
from tests.simulation.second_ledger import Learn, Round, Sheet, Version, gone_on

ANY = -1


class Piece(NamedTuple):
    """What a command says about a shelf: it changed by `delta`, and stood at `at_least`, or at `exactly` unless ANY, before."""

    item: str
    delta: int
    at_least: int = 0
    exactly: int = ANY


class Owes(NamedTuple):
    """A command left for a member to be run next."""

    member_id: int
    key: str
    kind: type[Command]
    fields: dict[str, Any]


@dataclass
class Prediction:
    """An expected answer; `accepted` and `stored` say what it leaves behind, the rest what it changes.

    `scene` are the circumstances that it was predicted in; None for a repeat and a refusal that the feature has no part in.
    """

    outcome: Outcome
    replayed: bool = False
    accepted: bool = False
    stored: bool = False
    sheet: Sheet | None = None
    learn: list[Learn] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    owes: list[Owes] = field(default_factory=list)
    tells: list[tuple[str, str]] = field(default_factory=list)
    scene: "Scene | None" = None


class Scene(NamedTuple):
    """Circumstances of a command: its instant and day, those of its posting, the rules, the rounds, and what is left."""

    at: datetime
    day: date
    today: date
    posted_at: datetime
    version: Version
    rounds: dict[str, Round]
    left: Callable[[str], int]

    @property
    def lapse_day(self) -> date:
        """The first day on which points earned now are gone."""
        return gone_on(self.day, self.version.rules.expiry.months)
