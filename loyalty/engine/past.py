"""A member's past in memory: the account, lots, meters and rows as their receipts up to some number left them.

It is built by folding receipts in order, without a database. The Reads of features have a second body (`Read.fold`) that answers
from it, so that the same `decide` decides a command, whether its facts come from tables or from here.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from loyalty.ledger.account import Account, account_values
from loyalty.ledger.lots import Lot, LotKey, LotShare
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey, Table, Update

Row = dict[str, Any]
"""The columns of a stored row that a Table knows, by name."""
RowKey = tuple[Any, ...]


class LotUseKey(NamedTuple):
    """A lot use of one member."""

    receipt_no: int
    kind: str
    lot: LotKey


@dataclass
class Past:
    """The state of a member after some of their receipts. `rows` are the features' rows by table and by the table's key."""

    account: Account
    lots: dict[LotKey, Lot] = field(default_factory=dict)
    meters: defaultdict[MeterKey, int] = field(default_factory=lambda: defaultdict(int))
    rows: defaultdict[Table[Any], dict[RowKey, Row]] = field(default_factory=lambda: defaultdict(dict))
    lot_uses: dict[LotUseKey, int] = field(default_factory=dict)

    def wallet(self, posted_at: datetime, today: date, meters: Mapping[MeterKey, int | None]) -> Wallet:
        """A wallet for the next command; whatever becomes of it, this past stays as it is until `keep`."""
        lots = [lot.copy() for lot in self.lots.values()]
        account = Account(*account_values(self.account))
        return Wallet(account, lots, posted_at=posted_at, today=today, meters=meters)

    def keep_refusal(self, wallet: Wallet) -> None:
        """Go on to the state after a stored refusal, which books nothing."""
        self.account.version = wallet.receipt_no

    def keep(self, wallet: Wallet) -> None:
        """Go on to the state after an accepted command."""
        self.account, self.lots = wallet.account, wallet.lots
        writes, no = wallet.writes, wallet.receipt_no
        for (kind, lot), amount in writes.lot_uses.items():
            self.lot_uses[LotUseKey(no, kind, lot)] = amount
        for key, count in writes.meters.items():
            self.meters[key] += count
        for table, rows in writes.rows.items():
            for row in rows:
                self._add(table, row, wallet)
        for update, changes in writes.changes.items():
            for change in changes:
                self._change(update, change)
        self.account.version, self.account.posted_at = wallet.receipt_no, wallet.posted_at

    def lots_that_paid(self, receipt_no: int, kind: str = "spent") -> list[LotShare]:
        """The lots that a receipt spent from, or that it `held` points of, in lot order, each with the points."""
        used = [
            (key.lot, amount)
            for key, amount in self.lot_uses.items()
            if key.receipt_no == receipt_no and key.kind == kind
        ]
        return sorted(used)

    def has_rows_in(self, table: str) -> bool:
        """Whether the member has rows in the table of that name, which may be another feature's."""
        return any(rows and one.name == table for one, rows in self.rows.items())

    def _add(self, table: Table[Any], row: tuple[Any, ...], wallet: Wallet) -> None:
        if table.key is None:
            return
        stored: Row = dict.fromkeys(table.mutable) | dict(table.begins)
        stored |= dict(zip(table.row.__annotations__, row, strict=True))
        stored |= {column: getattr(wallet, stamp) for column, stamp in table.stamps.items()}
        self.rows[table][row_key(table, stored)] = stored

    def _change(self, update: Update[Any], change: tuple[Any, ...]) -> None:
        if update.table is None:
            return
        values = dict(zip(update.row.__annotations__, change, strict=True)) | dict(update.sets)
        row = self.rows[update.table].get(row_key(update.table, values))
        if row is not None:
            row |= values


def row_key(table: Table[Any], row: Mapping[str, Any]) -> RowKey:
    """The row's key within its member and table."""
    return tuple(row[column] for column in table.key or ())
