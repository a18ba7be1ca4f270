"""One step of a replay: a receipt's command is decided again on the member's past."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.decide import Inputs, decide
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.past import Past
from loyalty.engine.pools import Pools
from loyalty.engine.reads import Read, SharedRead
from loyalty.engine.registry import Handling, Registry
from loyalty.engine.rules import InForce
from loyalty.engine.trace import SHORT, STATUS, command_of, read_again, shared_again
from loyalty.ledger.calendar import business_day
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey

PLENTY: Final = 2**62
"""The content of a pool of which the receipt does not say that it ran short."""


@dataclass(frozen=True)
class World:
    """State that all members share: features, every rule version by id, all rows that SharedReads ever had, the time zone.

    `governs(version, at, posted_at)`: whether a command of the instant `at` could be decided by that version. `pools` collects the
    names of the pools that commands named.
    """

    registry: Registry
    rules: Mapping[int, InForce]
    governs: Callable[[int, datetime, datetime], bool]
    shared: Mapping[SharedRead[Any], Any]
    zone: ZoneInfo
    pools: set[str] = field(default_factory=set)

    @cached_property
    def reactions(self) -> set[str]:
        """The names of the commands that reactions owe."""
        return {
            reaction.follow_up.name
            for one in self.registry.handling.values()
            for _, reaction in one.reactions
        }


class Asked(NamedTuple):
    """A command, and what its receipt tells of the moment: when it was posted, and what was read that no row of a member tells."""

    command: Command
    posted_at: datetime
    seen: Mapping[str, Any]


class Step(NamedTuple):
    """A command that was decided again: what it came to, and the wallet with its writes."""

    dated: DatedCommand
    outcome: Outcome
    wallet: Wallet


def step(past: Past, receipt: Mapping[str, Any], world: World, live: InForce) -> Step:
    """Decide a receipt's command again by the rules `live`, and move `past` on. Raises whatever edited facts make it raise."""
    return take(past, asked_by(receipt, world), world, live)


def asked_by(receipt: Mapping[str, Any], world: World) -> Asked:
    """What a receipt with a trace is about."""
    trace = orjson.loads(receipt["trace"])
    command = command_of(world.registry, receipt, trace.get("asked", {}))
    return Asked(command, receipt["posted_at"], trace.get("seen", {}))


def take(past: Past, asked: Asked, world: World, live: InForce, *, supposing: bool = False) -> Step:
    """Decide a command by the rules `live`, and move `past` on.

    `supposing`: the rules are others than those that its member was shown, and they are supposed to have agreed to these.
    """
    command, posted_at, seen = asked
    handling = world.registry.handling[type(command)]
    shared: Mapping[SharedRead[Any], Any] = {
        read: shared_again(read, world.shared, seen) for read in handling.handler.shared
    }
    if supposing and handling.handler.suppose is not None:
        command, shared = handling.handler.suppose(command, handling.feature.rule(live.rules), shared)
    day = business_day(command.at, world.zone)
    one = DatedCommand(command, command.at, day, *command.fact(day))
    keys = handling.meters_of(one, live.rules)
    wallet = _wallet(past, keys, posted_at, world.zone)
    wallet.account.status = wallet.loaded.status = seen.get(STATUS, "open")
    outcome = decide(wallet, one, handling, live, _inputs(past, one, handling, seen, shared, world, live))
    if isinstance(outcome, Result):
        past.keep(wallet)
    else:
        past.keep_refusal(wallet)
    return Step(one, outcome, wallet)


def _wallet(past: Past, keys: Sequence[MeterKey], posted_at: datetime, zone: ZoneInfo) -> Wallet:
    meters = {key: past.meters.get(key) for key in keys}
    return past.wallet(posted_at, business_day(posted_at, zone), meters)


def _inputs(
    past: Past,
    one: DatedCommand,
    handling: Handling,
    seen: Mapping[str, Any],
    shared: Mapping[SharedRead[Any], Any],
    world: World,
    live: InForce,
) -> Inputs:
    reads = {read: _recall(read, past, one, shared, seen) for read in handling.reads}
    short = seen.get(SHORT, {})
    names = handling.handler.pools(one.command, handling.feature.rule(live.rules), one.day)
    world.pools.update(names)
    return Inputs(reads, shared, Pools({name: short.get(name, PLENTY) for name in names}, {}))


def _recall(
    read: Read[Any],
    past: Past,
    one: DatedCommand,
    shared: Mapping[SharedRead[Any], Any],
    seen: Mapping[str, Any],
) -> Any:
    return read.fold(past, one, shared) if read.fold is not None else read_again(read, seen)
