"""Rows of members, read for deciding their receipts again: all of it, or the receipts since an instant."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import asyncpg

from loyalty.engine.command import ENGINE
from loyalty.engine.past import LotUseKey
from loyalty.engine.registry import Registry
from loyalty.ledger.account import ACCOUNT_COLUMNS, Account
from loyalty.ledger.lots import LOT_COLUMNS, Lot, LotKey, lot_of
from loyalty.ledger.writes import MeterKey, Table

ACCOUNTS: Final = f"SELECT {ACCOUNT_COLUMNS} FROM account WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # names of our own
RECEIPTS: Final = """
SELECT member_id, no, command, scope, ref, request_key, request_hash, accepted, code, facts::text AS facts, rule_version, actor,
    effective_at, posted_at, trace
FROM receipt WHERE member_id = ANY($1::bigint[]) AND posted_at >= $2::timestamptz ORDER BY member_id, no
"""
ENTRIES: Final = """
SELECT e.*, r.scope, r.ref, r.rule_version
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, first_no)
JOIN entry e ON e.member_id = u.member_id AND e.receipt_no >= u.first_no
LEFT JOIN receipt r ON r.member_id = e.member_id AND r.no = e.receipt_no
ORDER BY e.member_id, e.seq
"""
ENTRIES_BEFORE: Final = """
SELECT e.member_id, e.seq, e.chain, e.available, e.pending, e.held, e.debt
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, seq) JOIN entry e ON e.member_id = u.member_id AND e.seq = u.seq
"""
ACCEPTED_BEFORE: Final = """
SELECT a.member_id, coalesce((
    SELECT posted_at FROM receipt r WHERE r.member_id = a.member_id AND r.no < u.first_no AND r.accepted ORDER BY r.no DESC LIMIT 1
), m.joined_at) AS posted_at
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, first_no) JOIN account a ON a.member_id = u.member_id
LEFT JOIN member m ON m.member_id = u.member_id
"""
LOTS: Final = f"SELECT {LOT_COLUMNS} FROM lot WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # names of our own
LOT_USES: Final = """
SELECT l.member_id, l.receipt_no, l.kind, l.expires_on, l.opens_on, l.terms, l.amount
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, first_no)
JOIN lot_use l ON l.member_id = u.member_id AND (l.receipt_no >= u.first_no OR l.kind IN (
    'spent', 'held', 'moved_out', 'opened_out', 'extended_out'
))
"""
"""Earlier ones tell what paid for a purchase or a hold, and which lots were there although nothing was left in them."""
METERS: Final = "SELECT member_id, name, period, value FROM meter WHERE member_id = ANY($1::bigint[])"
NOTICES: Final = """
SELECT n.member_id, n.kind, n.key, n.receipt_no, n.payload::text AS payload, n.created_at
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, first_no)
JOIN notice n ON n.member_id = u.member_id AND n.receipt_no >= u.first_no
"""
FOLLOW_UPS: Final = """
SELECT member_id, request_key, command, payload::text AS payload, effective_at FROM follow_up
WHERE member_id = ANY($1::bigint[])
"""

_SENT_ON: Final = re.compile(r"[^|]+(?:\|[0-9]{1,18})+", re.ASCII)
SENT_ON: Final = """
SELECT u.member_id, u.sent_as, f.command, f.payload::text AS payload, f.effective_at
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) AS u(member_id, sent_as, owner_id, request_key)
JOIN follow_up f ON f.member_id = u.owner_id AND f.request_key = u.request_key
JOIN merged_half h ON h.member_id = u.member_id AND h.other_id = u.owner_id
"""
"""What was owed to a half and ran for the member they were merged into; the first id in the key is the half's."""


@dataclass
class StoredMember:
    """The rows of one member. `receipts` are those to decide again, and what belongs to older ones is there only as far as
    deciding needs it; `before` is the last entry ahead of the first of them, if it was not read with the others, and
    `accepted_before` the posted time of the last accepted receipt ahead, or else the instant at which they joined.
    """

    account: Account
    receipts: list[asyncpg.Record] = field(default_factory=list)
    entries: list[asyncpg.Record] = field(default_factory=list)
    before: asyncpg.Record | None = None
    accepted_before: datetime | None = None
    lots: dict[LotKey, Lot] = field(default_factory=dict)
    lot_uses: dict[LotUseKey, int] = field(default_factory=dict)
    meters: dict[MeterKey, int] = field(default_factory=dict)
    rows: defaultdict[Table[Any], list[asyncpg.Record]] = field(default_factory=lambda: defaultdict(list))
    notices: list[asyncpg.Record] = field(default_factory=list)
    follow_ups: dict[str, asyncpg.Record] = field(default_factory=dict)
    sent_on: dict[str, asyncpg.Record] = field(default_factory=dict)

    @property
    def member_id(self) -> int:
        """The member."""
        return self.account.member_id

    @property
    def first_no(self) -> int:
        """The number of the first receipt that was read; the next one to come if there is none."""
        return int(self.receipts[0]["no"]) if self.receipts else self.account.version + 1


async def read_members(
    connection: asyncpg.Connection, ids: Sequence[int], registry: Registry, since: datetime
) -> list[StoredMember]:
    """The members of these ids that have an account, in their order. `since` the earliest instant there is reads everything."""
    found = {row[0]: StoredMember(Account(*row)) for row in await connection.fetch(ACCOUNTS, ids)}
    for row in await connection.fetch(RECEIPTS, list(found), since):
        found[row["member_id"]].receipts.append(row)
    firsts = list(found), [one.first_no for one in found.values()]
    for row in await connection.fetch(ENTRIES, *firsts):
        found[row["member_id"]].entries.append(row)
    await _read_before(connection, found)
    for row in await connection.fetch(LOTS, list(found)):
        lot = lot_of(row)
        found[row[0]].lots[lot.key] = lot
    for member_id, no, kind, *lot_key, amount in await connection.fetch(LOT_USES, *firsts):
        found[member_id].lot_uses[LotUseKey(no, kind, LotKey(*lot_key))] = amount
    for member_id, name, period, value in await connection.fetch(METERS, list(found)):
        found[member_id].meters[MeterKey(name, period)] = value
    for row in await connection.fetch(NOTICES, *firsts):
        found[row["member_id"]].notices.append(row)
    for row in await connection.fetch(FOLLOW_UPS, list(found)):
        found[row["member_id"]].follow_ups[row["request_key"]] = row
    await _read_sent_on(connection, found)
    await _read_rows(connection, found, registry)
    return [found[member_id] for member_id in ids if member_id in found]


async def _read_sent_on(connection: asyncpg.Connection, found: Mapping[int, StoredMember]) -> None:
    sent = [
        (member_id, key, int(key.split("|")[1]), key.split("|")[0])
        for member_id, one in found.items()
        for key in (receipt["request_key"] for receipt in one.receipts if receipt["actor"] == ENGINE)
        if _SENT_ON.fullmatch(key)
    ]
    if sent:
        for row in await connection.fetch(SENT_ON, *zip(*sent, strict=True)):
            found[row["member_id"]].sent_on[row["sent_as"]] = row


async def _read_before(connection: asyncpg.Connection, found: Mapping[int, StoredMember]) -> None:
    seqs = {
        member_id: (one.entries[0]["seq"] - 1 if one.entries else one.account.seq)
        for member_id, one in found.items()
    }
    for row in await connection.fetch(ENTRIES_BEFORE, list(seqs), list(seqs.values())):
        found[row["member_id"]].before = row
    firsts = {member_id: one.first_no for member_id, one in found.items()}
    for member_id, posted_at in await connection.fetch(ACCEPTED_BEFORE, list(firsts), list(firsts.values())):
        found[member_id].accepted_before = posted_at


async def _read_rows(
    connection: asyncpg.Connection, found: Mapping[int, StoredMember], registry: Registry
) -> None:
    for table in registry.tables:
        if table.key is None:
            continue
        columns = ", ".join(dict.fromkeys((*table.columns, *table.mutable)))
        statement = f"SELECT {columns} FROM {table.name} WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # names of our own
        for row in await connection.fetch(statement, list(found)):
            found[row["member_id"]].rows[table].append(row)
