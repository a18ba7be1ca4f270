"""How a feature describes itself to the engine: its commands, what they read, what they write, and the reactions to results.

FEATURE = Feature(
    "check_in",
    handlers=(Handler(CheckIn, decide, gives=CheckedIn, reads=(LAST_CHECK_IN,)),),
    rule=lambda rules: rules.check_in,
    outcomes=(CheckedIn, AlreadyCheckedIn, DayPassed),
    tables=(CHECK_INS,),
    checks=CHECKS,
    words=SENTENCES,
)
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from loyalty.engine.auditing import Check, Recompute
from loyalty.engine.carry import Carry
from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.reads import Present, Read
from loyalty.ledger.words import Sentence
from loyalty.ledger.writes import FollowUp, MeterKey, NoticeRow, Table, Update


def no_meters(_: Any, __: DatedCommand) -> Sequence[MeterKey]:
    """The meters of a reaction that needs none."""
    return ()


@dataclass(frozen=True)
class Reaction:
    """When a command comes to `on`, `react(wallet, result, scene)` returns follow-ups, all of them `follow_up` commands.

    It is pure and runs in the transaction of that command, which stores the follow-ups. A follow-up of the same member is made by
    `own_follow_up`, because a replay finds its result by that request key. It may count in the meters that `meters(rule, command)`
    names, which are read with those of the command.
    """

    on: type[Result]
    react: Callable[..., Iterable[FollowUp]]
    follow_up: type[Command]
    reads: tuple[Read[Any], ...] = ()
    meters: Callable[[Any, DatedCommand], Sequence[MeterKey]] = no_meters


@dataclass(frozen=True)
class Telling:
    """When a command comes to `on`, `tell(wallet, result, scene)` returns notices to its member.

    It is pure, and the notices are stored with the result.
    """

    on: type[Result]
    tell: Callable[..., Iterable[NoticeRow]]


@dataclass(frozen=True)
class RuleText:
    """One topic of the rules: its Chinese title and its sentences. `topic` is a stable code."""

    topic: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Publication:
    """Changes of a rule version to shared rows when it is stored, when it takes effect, and while it is in force as time passes.

    `announce(connection, rule)` adds rows for a version when it is stored, also for a scheduled one. `pool_sizes(rule)`: the pools
    whose size the rule fixes; `pool_names(rule)`: what operators call them. `take_effect(connection, rule, present)` makes all
    other changes, and is safe to repeat.
    `last_effect(connection)`: the latest instant at which it is known to have made one. `objections(rule)`: Chinese sentences about
    rules that are valid and would mislead members; they keep a version from being published. So does `over(rule, before, since)`:
    sentences about items that are new against the rule `before` (None: there is none) and over at `since`, in the programme's zone.
    `warnings(rule)`: Chinese sentences that the operator reads, and that keep nothing from being published.
    """

    pool_sizes: Callable[[Any], Mapping[str, int]] = lambda _: {}
    pool_names: Callable[[Any], Mapping[str, str]] = field(default=lambda _: {}, kw_only=True)
    take_effect: Callable[[asyncpg.Connection, Any, Present], Awaitable[None]] | None = None
    last_effect: Callable[[asyncpg.Connection], Awaitable[datetime | None]] | None = None
    announce: Callable[[asyncpg.Connection, Any], Awaitable[None]] | None = None
    objections: Callable[[Any], Iterable[str]] = lambda _: ()
    warnings: Callable[[Any], Iterable[str]] = lambda _: ()
    over: Callable[[Any, Any, datetime], Iterable[str]] = lambda *_: ()


@dataclass(frozen=True, eq=False)
class Feature:
    """One feature of the programme, as the engine, the audit, the rule texts and the grants use it.

    `rule(rules)` is the part of the rule set that its handlers get. `outcomes` are all its own results and refusals, so that a
    receipt's code leads to its class. `carry` says how its facts follow a merged member. `for_newcomers` are commands that run for
    every new member. `taken` selects (item, pieces), what was taken from each pool according to the feature's own rows; the audit
    compares it. `texts(rules, empty)` explains the rules to members; `empty` are the pools in which nothing is left. `schema` is a
    YAML file with the constraints of its tables. `kept` are those of its tables that members find in the copy of their data.
    """

    name: str
    handlers: tuple[Handler, ...] = ()
    rule: Callable[[Any], Any] = lambda rules: rules
    outcomes: tuple[type[Outcome], ...] = ()
    tables: tuple[Table[Any], ...] = ()
    updates: tuple[Update[Any], ...] = ()
    reactions: tuple[Reaction, ...] = ()
    tellings: tuple[Telling, ...] = ()
    carry: Carry | None = None
    for_newcomers: tuple[type[Command], ...] = ()
    publication: Publication = field(default_factory=Publication)
    checks: tuple[Check, ...] = ()
    recompute: Mapping[str, Recompute] = field(default_factory=dict)
    taken: str | None = None
    words: Mapping[str, Sentence] = field(default_factory=dict)
    texts: Callable[[Any, Collection[str]], Iterable[RuleText]] = lambda _, __: ()
    schema: Path | None = None
    kept: tuple[Kept, ...] = ()
