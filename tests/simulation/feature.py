"""What a feature tells the second ledger: what its commands should come to, what they leave, and what the crowd asks of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, NamedTuple

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome, Refusal, Result
from loyalty.programme.rules import RuleSet
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet, Version, World


def nothing_chosen(_: Any) -> tuple[object, ...]:
    """Leaves the client no choice."""
    return ()


def never_late(_: Any, __: Version, ___: World) -> bool:
    """Takes effect at its own instant."""
    return False


@dataclass(frozen=True)
class Expected:
    """How one command should be answered.

    `predict` gives the outcome by the written rules; it changes nothing but the sheet and the prediction it is given.
    `fact` is the scope and ref of what can stand only once; where it stands, `explains_repeats` says that `predict` still answers.
    `chosen` is what the client chose, which a request key stands for; `otherwise` is the command with another choice.
    `names` are other members in its content. `is_late`: the world has moved on, the command takes effect now instead.
    `statuses` are those of the account in which it is answered at all. `may_find_nothing`: whether a follow-up of this kind still
    finds something to do depends on what else of the member's came first.
    """

    command: type[Command]
    predict: Callable[[Member, Any, Scene, Sheet, Prediction], Outcome]
    fact: Callable[[Any, date], tuple[str, str]]
    chosen: Callable[[Any], tuple[object, ...]] = nothing_chosen
    otherwise: Callable[[Any], Command] | None = None
    explains_repeats: bool = False
    names: Callable[[Any], tuple[int, ...]] = lambda _: ()
    is_late: Callable[[Any, Version, World], bool] = never_late
    statuses: tuple[str, ...] = ("open", "limited")
    may_find_nothing: bool = False


class Situation(NamedTuple):
    """What there is when a person asks, and the dice of the deed.

    `common` holds the fields of a command that the person sends, `job` those of one that the clock runs for them.
    """

    world: World
    member: Member
    today: date
    dice: Random
    entropy: bytes
    common: dict[str, Any]
    job: dict[str, Any]


@dataclass(frozen=True)
class AskKind:
    """One kind of Ask, by the word `what`: `ask` makes the command from what there is, or returns None where there is none to make.

    It is `share` parts of what an everyday crowd does. `together`: now and then the whole crowd does this at once.
    """

    what: str
    command: type[Command]
    ask: Callable[[Situation], Command | None]
    share: int
    together: bool = False


class Rows(NamedTuple):
    """Rows that should be there: `select` reads (member_id, …) of everybody, `expected` the rest of a member's rows."""

    name: str
    select: str
    expected: Callable[[Member], Iterable[tuple[Any, ...]]]


Reaction = Callable[[Member, Prediction], None]
"""What an accepted command of one feature brings in another, or tells its member: (the member before it, its prediction)."""


@dataclass(frozen=True)
class FeatureLedger:
    """One feature as the second ledger knows it.

    `pieces(rules)`: the pools that can run out, each with its size. `left`: how many an outcome says were left of a pool.
    `stored`: refusals that depended on the state, so that a late duplicate must hear the same. `nothing_owed`: refusals by which a
    follow-up has lost its reason. `concerns(member)`: others to whom something may be owed for what the member does.
    """

    commands: tuple[Expected, ...] = ()
    asks: tuple[AskKind, ...] = ()
    reactions: tuple[tuple[type[Result], Reaction], ...] = ()
    tellings: tuple[tuple[type[Result], Reaction], ...] = ()
    rows: tuple[Rows, ...] = ()
    pieces: Callable[[RuleSet], Mapping[str, int]] = lambda _: {}
    left: Mapping[type[Outcome], Callable[[Any, str], int]] = field(default_factory=dict)
    stored: tuple[type[Refusal], ...] = ()
    nothing_owed: tuple[type[Refusal], ...] = ()
    concerns: Callable[[Member], Iterable[int]] = lambda _: ()
