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
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import TypeAdapter

from base.sealing import Keyring
from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.past import Past
from loyalty.ledger.lots import Lot
from loyalty.ledger.words import Sentence
from loyalty.ledger.writes import FollowUp, MeterKey, NoticeRow, Table, Update

M = TypeVar("M")


class Present(NamedTuple):
    """The instant of a transaction, the zone of the business days, and the keys that seal secrets."""

    now: datetime
    zone: ZoneInfo
    keyring: Keyring


class SharedRequest(NamedTuple):
    """The input of a SharedRead's query: the commands that want it, and the present."""

    connection: asyncpg.Connection
    commands: Sequence[Command]
    present: Present


class SharedNote(NamedTuple, Generic[M]):
    """How a receipt's trace keeps what a SharedRead found, so that the command can be decided again.

    `of(found, command)` is what the trace keeps under `key`, as a JSON value; None for nothing. `history(connection, keyring)`
    reads all such rows that ever were, and `again(history, noted)` gives what was found.
    """

    key: str
    of: Callable[[M, Any], Any]
    history: Callable[[asyncpg.Connection, Keyring], Awaitable[Any]]
    again: Callable[[Any, Any], M]


@dataclass(frozen=True, eq=False)
class SharedRead(Generic[M]):
    """Rows that belong to no member, read once per batch for all commands that want them."""

    name: str
    query: Callable[[SharedRequest], Awaitable[M]]
    note: SharedNote[M] | None = None


class ReadRequest(NamedTuple):
    """The input of a Read's query: the commands that want it, the shared rows, and who was merged into the members of these."""

    connection: asyncpg.Connection
    commands: Sequence[DatedCommand]
    shared: Mapping[SharedRead[Any], Any]
    halves: Mapping[int, Sequence[int]] = {}

    @property
    def members(self) -> list[int]:
        """The members of these commands; a batch holds at most one command per member."""
        return [one.command.member_id for one in self.commands]

    @property
    def persons(self) -> dict[int, int]:
        """The members of these commands and those merged into them, each with the member that they are now."""
        return {
            one: member_id
            for member_id in self.members
            for one in (member_id, *self.halves.get(member_id, ()))
        }


Fold = Callable[[Past, DatedCommand, Mapping[SharedRead[Any], Any]], M]
"""The second body of a Read: what its query would have found, from the member's rows as they were before the command, in memory."""


class Note(NamedTuple, Generic[M]):
    """A Read whose value the trace keeps under `key`, because it depends on rows that no receipt wrote.

    `shape` reads and writes the value.
    """

    key: str
    shape: TypeAdapter[M]


@dataclass(frozen=True, eq=False)
class Read(Generic[M]):
    """One set-based query for many members. A member without a result in `query` gets `missing`.

    So that a receipt can be decided again, a Read has a `fold`, or else a `note`.
    """

    name: str
    query: Callable[[ReadRequest], Awaitable[Mapping[int, M]]]
    missing: M
    fold: Fold[M] | None = None
    note: Note[M] | None = None


def nothing_more(_: Any, __: date) -> Sequence[MeterKey]:
    """The meters of a command that needs none."""
    return ()


def no_rule_meters(_: Any, __: Any, ___: date) -> Sequence[MeterKey]:
    """The meters of a command whose meters do not depend on the rules."""
    return ()


def no_pools(_: Any, __: Any, ___: date) -> Mapping[str, int | None]:
    """The pools of a command that takes from none."""
    return {}


SharedRows = Mapping[SharedRead[Any], Any]
Suppose = Callable[[Any, Any, SharedRows], tuple[Any, SharedRows]]


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
    statuses: tuple[str, ...] = ("open",)
    suppose: Suppose | None = None


class Leave(NamedTuple):
    """The destination of a member's facts: the member `to`. A split moves only those that came with receipt `since`."""

    to: int
    since: int | None = None


@dataclass(frozen=True)
class Carry:
    """How a feature's facts follow a member who is merged into another, and back. Pure, like `decide`.

    `give(wallet, scene, leave)` returns what the one who leaves brings along, as JSON, and writes what changes on their side.
    `take(wallet, scene, brought)` writes it for the one who receives, and `settle(wallet, scene, brought)` does what follows from
    both having become one, when the lots and meters have arrived. Meters and lots need no Carry, because all of them move. But of
    the meters named by `counted`, which a later command may lower, a split returns what `counts(brought)` says of the facts that
    leave.
    """

    give: Callable[..., Any]
    take: Callable[..., None]
    gives_by: tuple[Read[Any], ...] = ()
    takes_by: tuple[Read[Any], ...] = ()
    settle: Callable[..., None] = lambda *_: None
    counted: tuple[str, ...] = ()
    counts: Callable[[Any], Mapping[MeterKey, int]] = lambda _: {}


@dataclass(frozen=True)
class Reaction:
    """When a command comes to `on`, `react(wallet, result, scene)` returns follow-ups, all of them `follow_up` commands.

    It is pure and runs in the transaction of that command, which stores the follow-ups. A follow-up of the same member is made by
    `own_follow_up`, because a replay finds its result by that request key.
    """

    on: type[Result]
    react: Callable[..., Iterable[FollowUp]]
    follow_up: type[Command]
    reads: tuple[Read[Any], ...] = ()


@dataclass(frozen=True)
class Telling:
    """When a command comes to `on`, `tell(wallet, result, scene)` returns notices to its member.

    It is pure, and the notices are stored with the result.
    """

    on: type[Result]
    tell: Callable[..., Iterable[NoticeRow]]


NOW: Final = object()
"""Placeholder for the instant of the audit among a check's arguments."""


class Check(NamedTuple):
    """An invariant, the sentence that states it, and the statement that selects its violations as (member_id, detail).

    `by_member`: it compares rows of one member only, so that it can be made for some of the members.
    """

    invariant: str
    states: str
    select: str
    arguments: tuple[object, ...] = ()
    by_member: bool = False


class Finding(NamedTuple):
    """A violation of an invariant, with the member it concerns, if any."""

    invariant: str
    member_id: int | None
    detail: str


class RecomputeRequest(NamedTuple):
    """The input of a check that SQL cannot make: the rule sets by version, the keys to what is sealed, `progress(done, total)`.

    Rows of members are checked for ids above `after` and up to `until`.
    """

    connection: asyncpg.Connection
    rules: Mapping[int, Any]
    keyring: Keyring
    progress: Callable[[int, int], None]
    after: int
    until: int


Recompute = Callable[[RecomputeRequest], Awaitable[tuple[int, list[Finding]]]]
"""A check that SQL cannot make; returns the number of rows checked, and the violations."""


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
    whose size the rule fixes. `take_effect(connection, rule, present)` makes all other changes, and is safe to repeat.
    `last_effect(connection)`: the latest instant at which it is known to have made one. `objections(rule)`: Chinese sentences about
    rules that are valid and would mislead members; they keep a version from being published. So does `over(rule, before, since)`:
    sentences about items that are new against the rule `before` (None: there is none) and over at `since`, in the programme's zone.
    """

    pool_sizes: Callable[[Any], Mapping[str, int]] = lambda _: {}
    take_effect: Callable[[asyncpg.Connection, Any, Present], Awaitable[None]] | None = None
    last_effect: Callable[[asyncpg.Connection], Awaitable[datetime | None]] | None = None
    announce: Callable[[asyncpg.Connection, Any], Awaitable[None]] | None = None
    objections: Callable[[Any], Iterable[str]] = lambda _: ()
    over: Callable[[Any, Any, datetime], Iterable[str]] = lambda *_: ()


@dataclass(frozen=True, eq=False)
class Feature:
    """One feature of the programme, as the engine, the audit, the rule texts and the grants use it.

    `rule(rules)` is the part of the rule set that its handlers get. `outcomes` are all its own results and refusals, so that a
    receipt's code leads to its class. `carry` says how its facts follow a merged member. `for_newcomers` are commands that run for
    every new member. `taken` selects (item, pieces), what was taken from each pool according to the feature's own rows; the audit
    compares it. `texts(rules, empty)` explains the rules to members; `empty` are the pools in which nothing is left. `schema` is a
    YAML file with the constraints of its tables.
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
