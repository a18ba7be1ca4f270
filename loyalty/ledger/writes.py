"""The rows that one command writes besides its member's account and lots, gathered in memory until the engine stores them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from loyalty.ledger import chain
from loyalty.ledger.lots import LotKey

R = TypeVar("R", bound=tuple[Any, ...])


class Entry(NamedTuple):
    """An entry with its link in the chain."""

    facts: chain.EntryFacts
    link: bytes


class NoticeRow(NamedTuple):
    """A notice to the member. A unique key lets one of each kind and key exist, so that it is sent at most once.

    `due_at` is when to send it; None for at once.
    """

    kind: str
    key: str
    payload: dict[str, Any]
    due_at: datetime | None = None


class FollowUp(NamedTuple):
    """A command that is to run for a member because another was accepted: its name, request key and own fields."""

    member_id: int
    request_key: str
    command: str
    payload: dict[str, Any]


class MeterKey(NamedTuple):
    """A meter: how much a member has of `name` in a `period`, which is a day, a month, a round, or "" for all time."""

    name: str
    period: str = ""


@dataclass(frozen=True, eq=False)
class Table(Generic[R]):
    """A feature's table, whose rows belong to members.

    `row` is a NamedTuple whose fields are columns. `stamps` maps further columns to the wallet's attribute that fills them:
    `receipt_no`, `rule_version` or `posted_at`. `mutable` are the columns that an `Update` may change; without any, rows are facts,
    which never change.

    The audit decides receipts again and compares their rows. `key` has the columns that tell a member's rows apart; None for a
    table that is also written outside the engine, so that the audit cannot rebuild it. `begins` has what mutable columns hold in
    a new row, where that is not null. `since` is the column with the row's posted time, for a table without a receipt's number.
    """

    name: str
    row: type[R]
    stamps: Mapping[str, str] = field(default_factory=lambda: {"receipt_no": "receipt_no"})
    mutable: tuple[str, ...] = ()
    key: tuple[str, ...] | None = None
    begins: Mapping[str, Any] = field(default_factory=dict)
    since: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the engine fills, in the order of its values."""
        return ("member_id", *self.stamps, *self.row.__annotations__)


StoredRows: TypeAlias = Mapping[Table[Any], Sequence[Mapping[str, Any]]]
"""A member's stored rows by table."""


@dataclass(frozen=True, eq=False)
class Update(Generic[R]):
    """One statement that changes rows of many members: $1 is the array of member ids, and each field of `row` a further array.

    For the audit: the statement changes the row of `table` whose key columns `row` has. Each other field of `row` is a column's
    new value; so are the constants `sets`. `since` is the changed column that holds the posted time of the change. Where a row can
    be changed more than once there is `earlier(row, rows, no, at)` instead: the changed columns as they were before receipt `no` of
    the instant `at`, from the member's stored rows by table.
    """

    statement: str
    row: type[R]
    table: "Table[Any] | None" = None
    sets: Mapping[str, Any] = field(default_factory=dict)
    since: str = ""
    earlier: Callable[[Mapping[str, Any], StoredRows, int, datetime], Mapping[str, Any]] | None = None


@dataclass(slots=True)
class Writes:
    """The new rows of one command. `short` has what was left, before this command, in each pool that had too little for it."""

    entries: list[Entry] = field(default_factory=list)
    lot_uses: defaultdict[tuple[str, LotKey], int] = field(default_factory=lambda: defaultdict(int))
    rows: defaultdict[Table[Any], list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    changes: defaultdict[Update[Any], list[tuple[Any, ...]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    meters: defaultdict[MeterKey, int] = field(default_factory=lambda: defaultdict(int))
    pools: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    short: dict[str, int] = field(default_factory=dict)
    follow_ups: list[FollowUp] = field(default_factory=list)
    notices: list[NoticeRow] = field(default_factory=list)

    def add(self, table: Table[R], row: R) -> None:
        """Add a row of this member."""
        self.rows[table].append(row)

    def of(self, table: Table[R]) -> list[R]:
        """The rows of one table so far."""
        rows: Any = self.rows.get(table, [])
        return list(rows)

    def change(self, update: Update[R], row: R) -> None:
        """Change a stored row of this member."""
        self.changes[update].append(row)
