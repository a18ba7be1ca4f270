"""The past before the first receipt that is decided again, computed backwards from what the database holds now.

What is stored, less what the receipts say they moved, is what was there before them. Before a member's first receipt that must be
nothing at all; later, the buckets must be those of the last entry ahead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from loyalty.engine.past import Past, Row, row_key
from loyalty.engine.redecide.stored import StoredMember
from loyalty.engine.trace import counted_in
from loyalty.ledger import chain
from loyalty.ledger.account import STORED_AS_OUTFLOW, Account
from loyalty.ledger.calendar import AT_ONCE, business_day
from loyalty.ledger.growth import GROWTH
from loyalty.ledger.lots import Lot, LotKey
from loyalty.ledger.writes import MeterKey, Table, Update

LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Earlier than every receipt."""
UNDO: Final[Mapping[str, Mapping[str, int]]] = {
    "granted": {"granted": -1, "remaining": -1},
    "moved_in": {"granted": -1, "remaining": -1},
    "moved_out": {"granted": 1, "remaining": 1},
    "spent": {"spent": -1, "remaining": 1},
    "restored": {"spent": 1, "remaining": -1},
    "expired": {"expired": -1, "remaining": 1},
    "unexpired": {"expired": 1, "remaining": -1},
    "extended_in": {"granted": -1, "remaining": -1},
    "extended_out": {"granted": 1, "remaining": 1},
    "forfeited": {"forfeited": -1, "remaining": 1},
    "held": {"held": -1, "remaining": 1},
    "captured": {"held": 1, "spent": -1},
    "released": {"held": 1, "remaining": -1},
    "offset_debt": {"offset_debt": -1, "remaining": 1},
    "opened_in": {"granted": -1, "remaining": -1},
    "opened_out": {"granted": 1, "remaining": 1},
    "reversed": {"reversed": -1, "remaining": 1},
}
"""Quantities of the lot that undoing a lot use of each kind adds, per point."""


def first_traced(receipts: list[asyncpg.Record]) -> int:
    """The index of the first receipt after all those without a trace."""
    return max((place for place, one in enumerate(receipts, 1) if one["trace"] is None), default=0)


def opening(stored: StoredMember, updates: tuple[Update[Any], ...], zone: ZoneInfo) -> Past:
    """The past before the first of the stored receipts."""
    no = stored.first_no
    if no == 1:
        return Past(_nothing(stored.account, stored.accepted_before or LONG_AGO))
    first_at = stored.receipts[0]["posted_at"] if stored.receipts else stored.account.posted_at
    past = Past(_account_before(stored, no))
    past.lots = _lots_before(stored, no, zone)
    past.meters.update(_meters_before(stored))
    past.lot_uses = {key: amount for key, amount in stored.lot_uses.items() if key.receipt_no < no}
    for table in tuple(stored.rows):
        for row in _rows_before(table, stored, no, first_at, updates):
            past.rows[table][row_key(table, row)] = row
    return past


def _nothing(account: Account, posted_at: datetime) -> Account:
    zeros = dict.fromkeys((*_SUMS, "version", "seq"), 0)
    genesis = chain.genesis(account.member_id)
    return replace(account, **zeros, chain=genesis, status="open", merged_into=None, posted_at=posted_at)


_SUMS: Final = (
    "available", "pending", "held", "debt", "issued", "spent", "expired", "reversed", "adjusted", "forfeited", "growth",
)  # fmt: skip


def _account_before(stored: StoredMember, no: int) -> Account:
    """The account before receipt `no`. The buckets that an entry tells come from the last one ahead."""
    posted_at = stored.accepted_before or LONG_AGO
    before = replace(stored.account, version=no - 1, status="open", merged_into=None, posted_at=posted_at)
    for entry in stored.entries:
        amount = entry["amount"]
        for bucket, sign in ((entry["src"], 1), (entry["dst"], -1)):
            change = -sign * amount if bucket in STORED_AS_OUTFLOW else sign * amount
            setattr(before, bucket, getattr(before, bucket) + change)
        before.growth -= amount * ((entry["src"] == "issued") - (entry["dst"] == "issued"))
    before.growth -= sum(row["amount"] for row in stored.rows[GROWTH] if row["receipt_no"] >= no)
    last = stored.before
    if last is None:
        return replace(
            before, seq=0, chain=chain.genesis(before.member_id), available=0, pending=0, held=0, debt=0
        )
    buckets = {bucket: last[bucket] for bucket in ("available", "pending", "held", "debt")}
    return replace(before, seq=last["seq"], chain=last["chain"], **buckets)


def _lots_before(stored: StoredMember, no: int, zone: ZoneInfo) -> dict[LotKey, Lot]:
    lots = {key: replace(lot) for key, lot in stored.lots.items()}
    for use, amount in stored.lot_uses.items():
        if use.receipt_no >= no and use.lot in lots:
            lot = lots[use.lot]
            for quantity, sign in UNDO[use.kind].items():
                setattr(lot, quantity, getattr(lot, quantity) + sign * amount)
    booked_until = business_day(stored.accepted_before, zone) if stored.accepted_before else date.min
    for lot in lots.values():
        lot.opened = lot.opened and lot.key.opens_on <= max(booked_until, AT_ONCE)
    emptied = {use.lot for use in stored.lot_uses if use.receipt_no < no}
    return {key: lot for key, lot in lots.items() if any(lot.quantities[1:]) or key in emptied}


def _meters_before(stored: StoredMember) -> dict[MeterKey, int]:
    meters = dict(stored.meters)
    for receipt in stored.receipts:
        for key, count in counted_in(orjson.loads(receipt["trace"])).items():
            meters[key] = meters.get(key, 0) - count
    return meters


def _rows_before(
    table: Table[Any],
    stored: StoredMember,
    no: int,
    first_at: datetime,
    updates: tuple[Update[Any], ...],
) -> Iterator[Row]:
    for found in stored.rows[table]:
        row = {name: value for name, value in found.items() if name != "member_id"}
        if row["receipt_no"] >= no if "receipt_no" in table.stamps else row[table.since] >= first_at:
            continue
        for update in updates:
            if update.table is table:
                row |= _before(update, row, stored, no, first_at)
        yield row


def _before(
    update: Update[Any], row: Row, stored: StoredMember, no: int, first_at: datetime
) -> Mapping[str, Any]:
    """The columns of a row that an Update has changed since, as they were before."""
    if update.earlier is not None:
        return update.earlier(row, stored.rows, no, first_at)
    changed_at = row[update.since]
    if changed_at is None or changed_at < first_at or update.table is None:
        return {}
    return _unchanged(update.table, update)


def _unchanged(table: Table[Any], update: Update[Any]) -> Row:
    """The values that the columns of an Update had before it."""
    columns = {*update.row.__annotations__, *update.sets} & {*table.mutable}
    return {column: table.begins.get(column) for column in columns}
