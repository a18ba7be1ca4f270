"""How one command is decided, and which meters and pools it may use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.reads import Read, SharedRead, SharedRows
from loyalty.ledger.lots import Lot
from loyalty.ledger.writes import MeterKey

USABLE: Final = ("open", "limited")
"""The statuses of accounts that earn and book. Of those that are `limited` the engine refuses whatever spends points."""
STANDING: Final = (*USABLE, "frozen")
"""The statuses of accounts that are neither closed nor merged into another."""

Suppose = Callable[[Any, Any, SharedRows], tuple[Any, SharedRows]]


def nothing_more(_: Any, __: date) -> Sequence[MeterKey]:
    """The meters of a command that needs none."""
    return ()


def no_rule_meters(_: Any, __: Any, ___: date) -> Sequence[MeterKey]:
    """The meters of a command whose meters do not depend on the rules."""
    return ()


def no_pools(_: Any, __: Any, ___: date) -> Mapping[str, int | None]:
    """The pools of a command that takes from none."""
    return {}


@dataclass(frozen=True)
class Handler:
    """How one command is decided.

    `decide(wallet, command, scene)` is pure and returns a `gives` or a refusal. `meters(command, day)`,
    `rule_meters(command, rule, day)` and `pools(command, rule, day)` name the meters and pools that it may use; a pool with a size
    is made when it is first needed.
    `lots` reads lots that the command changes although nothing remains in them. `explains_repeats`: if another request has already
    made the fact true, `decide` runs all the same and gives a more precise refusal than AlreadyDone. `settles_clock`: the command
    is decided also for an account that stands in the future, and brings it back to now. `once_per_person`: a receipt of a member
    who was merged into this one makes the fact true as well. `statuses`: those of the account in which the command is decided.

    `suppose(command, rule, shared)` is for a back-test: the command and the shared rows as they would have been under another rule,
    whose price or odds the member is supposed to have been shown.
    """

    command: type[Command]
    decide: Callable[..., Outcome]
    gives: type[Result]
    reads: tuple[Read[Any], ...] = ()
    shared: tuple[SharedRead[Any], ...] = ()
    lots: Read[Sequence[Lot]] | None = None
    meters: Callable[[Any, date], Sequence[MeterKey]] = nothing_more
    rule_meters: Callable[[Any, Any, date], Sequence[MeterKey]] = no_rule_meters
    pools: Callable[[Any, Any, date], Mapping[str, int | None]] = no_pools
    explains_repeats: bool = False
    settles_clock: bool = False
    once_per_person: bool = False
    statuses: tuple[str, ...] = USABLE
    suppose: Suppose | None = None
