"""What features read for their commands: Reads of members' rows and SharedReads of rows that belong to nobody."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import TypeAdapter

from base.sealing import Keyring
from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.past import Past

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


SharedRows = Mapping[SharedRead[Any], Any]
