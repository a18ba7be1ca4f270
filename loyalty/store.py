"""The engine's last step: write what came of a batch. Plain SQL, set-based, arrays sorted by member.

Accounts are written first, under the version they were loaded with; whoever lost that race is left out of everything after. Shared
stock comes last.
"""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import asyncpg
import orjson

from loyalty.commands import MEMBER
from loyalty.facts import CheckInRow, DrawRow, Entry, NoticeRow, RedemptionRow, ReferralRow, VoucherRow
from loyalty.follow_ups import LEASE
from loyalty.load import Asked
from loyalty.lots import LotKey
from loyalty.outcomes import Outcome, Result
from loyalty.receipts import facts_of
from loyalty.updates import IN_ACCOUNT, IN_LOT, Change, differing, update_accounts, update_lots
from loyalty.wallet import Wallet


class StockShort(Exception):
    """The stock is not what the batch was decided on: pieces are gone, or their taker lost its race; decide all again."""


class Decided(NamedTuple):
    """What came of what was asked, with the wallet that holds its writes."""

    asked: Asked
    outcome: Outcome
    wallet: Wallet

    @property
    def member_id(self) -> int:
        """The member."""
        return self.wallet.member_id


class Table(NamedTuple):
    """What `_insert` fills: a table and those of its columns that a row names, in their order."""

    name: str
    columns: tuple[str, ...]


RECEIPT = Table("receipt", (
    "member_id", "no", "command", "scope", "ref", "request_key", "request_hash", "accepted", "code", "facts", "rule_version",
    "actor", "effective_at", "posted_at",
))  # fmt: skip
ENTRY = Table("entry", (
    "member_id", "seq", "receipt_no", "reason", "detail", "src", "dst", "amount", "available", "pending", "held", "debt",
    "expires_on", "posted_at", "chain",
))  # fmt: skip
LOT = Table("lot", ("member_id", *LotKey._fields, *IN_LOT))
LOT_USE = Table("lot_use", ("member_id", "receipt_no", "kind", *LotKey._fields, "amount"))
CHECK_IN = Table("check_in", ("member_id", "receipt_no", *CheckInRow._fields))
DRAW = Table("draw", ("member_id", "receipt_no", "rule_version", "drawn_at", *DrawRow._fields))
REDEMPTION = Table(
    "redemption", ("member_id", "receipt_no", "rule_version", "created_at", *RedemptionRow._fields)
)
VOUCHER_CODE = Table("voucher_code", ("member_id", "receipt_no", *VoucherRow._fields))
REFERRAL = Table("referral", ("member_id", *ReferralRow._fields))
FOLLOW_UP = Table("follow_up", ("member_id", "request_key", "command", "payload", "effective_at", "due_at"))
NOTICE = Table("notice", ("member_id", "receipt_no", "created_at", "due_at", *NoticeRow._fields))

CANCEL_REDEMPTIONS = """
UPDATE redemption r SET state = 'cancelled', closed_at = u.closed_at
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[]) AS u(member_id, receipt_no, line, closed_at)
WHERE r.member_id = u.member_id AND r.receipt_no = u.receipt_no AND r.line = u.line
"""
QUALIFY_REFERRALS = """
UPDATE referral r SET qualified_at = u.qualified_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS u(member_id, qualified_at) WHERE r.member_id = u.member_id
"""
TAKE_STOCK = """
UPDATE stock s SET taken = s.taken + u.n FROM unnest($1::text[], $2::bigint[]) AS u(item, n)
WHERE s.item = u.item AND s.taken + u.n <= s.stocked RETURNING s.item
"""


_changing = attrgetter(*IN_ACCOUNT)


async def save(connection: asyncpg.Connection, decided: Sequence[Decided]) -> set[int]:
    """Write the outcomes (results and stored refusals, sorted by member); the members whose version still held.

    Raises StockShort when a stock row ran out meanwhile, or a taker's version is stale: roll back and decide again.
    """
    won = await _save_accounts(connection, decided)
    if any(one.wallet.writes.stock for one in decided if one.member_id not in won):
        raise StockShort  # its batch-mates were told of pieces as if the loser had them
    winners = [one for one in decided if one.member_id in won]
    accepted = [one.wallet for one in winners if isinstance(one.outcome, Result)]
    await _insert(connection, RECEIPT, [_receipt_row(one) for one in winners])
    await _insert(connection, ENTRY, [_entry_row(entry) for w in accepted for entry in w.writes.entries])
    await _save_lots(connection, accepted)
    await _save_facts(connection, accepted)
    await _save_owed(connection, winners)
    await _take_stock(connection, accepted)
    return won


async def _save_accounts(connection: asyncpg.Connection, decided: Sequence[Decided]) -> set[int]:
    changed = differing(IN_ACCOUNT, [_account_change(one) for one in decided])
    rows = await connection.fetch(
        update_accounts(tuple(changed)),
        [one.member_id for one in decided],
        [one.wallet.loaded.version for one in decided],
        [one.wallet.posted_at for one in decided],
        [one.asked.day if one.asked.command.actor == MEMBER else None for one in decided],
        *changed.values(),
    )
    return {row["member_id"] for row in rows}


def _account_change(one: Decided) -> Change:
    before = _changing(one.wallet.loaded)
    return Change(before, _changing(one.wallet.account) if isinstance(one.outcome, Result) else before)


def _receipt_row(one: Decided) -> tuple[Any, ...]:
    wallet, command = one.wallet, one.asked.command
    return (
        wallet.member_id, wallet.receipt_no, command.name, wallet.scope, wallet.ref, command.request_key,
        command.fingerprint, isinstance(one.outcome, Result), one.outcome.code, facts_of(one.outcome).decode(),
        wallet.rule_version, command.actor, one.asked.at, wallet.posted_at,
    )  # fmt: skip


def _entry_row(entry: Entry) -> tuple[Any, ...]:
    facts = entry.facts
    return (
        facts.member_id, facts.seq, facts.receipt_no, facts.reason, _json(facts.detail), facts.src, facts.dst, facts.amount,
        facts.available, facts.pending, facts.held, facts.debt, facts.expires_on, facts.posted_at, entry.link,
    )  # fmt: skip


async def _save_lots(connection: asyncpg.Connection, wallets: Sequence[Wallet]) -> None:
    new: list[tuple[Any, ...]] = []
    keys: list[tuple[Any, ...]] = []
    changes: list[Change] = []
    uses: list[tuple[Any, ...]] = []
    for wallet in wallets:
        for lot, before in wallet.changed_lots():
            if before is None:
                new.append((wallet.member_id, *lot.key, *lot.quantities))
            else:
                keys.append((wallet.member_id, *lot.key))
                changes.append(Change(before, lot.quantities))
        for (kind, key), amount in sorted(wallet.writes.lot_uses.items()):
            uses.append((wallet.member_id, wallet.receipt_no, kind, *key, amount))
    await _insert(connection, LOT, new)
    if changes:
        changed = differing(IN_LOT, changes)
        await connection.execute(update_lots(tuple(changed)), *_columns(keys, 4), *changed.values())
    await _insert(connection, LOT_USE, uses)


async def _save_facts(connection: asyncpg.Connection, wallets: Sequence[Wallet]) -> None:
    def rows(name: str, *extra: str) -> list[tuple[Any, ...]]:
        return [
            (w.member_id, *(getattr(w, column) for column in extra), *row)
            for w in wallets
            for row in getattr(w.writes, name)
        ]

    await _insert(connection, CHECK_IN, rows("check_ins", "receipt_no"))
    await _insert(connection, DRAW, rows("draws", "receipt_no", "rule_version", "posted_at"))
    await _insert(connection, REDEMPTION, rows("redemptions", "receipt_no", "rule_version", "posted_at"))
    await _insert(connection, VOUCHER_CODE, rows("vouchers", "receipt_no"))
    await _insert(connection, REFERRAL, rows("referrals"))
    if cancelled := rows("cancelled"):
        await connection.execute(CANCEL_REDEMPTIONS, *_columns(cancelled, 4))
    if qualified := [(w.member_id, at) for w in wallets for at in w.writes.qualified]:
        await connection.execute(QUALIFY_REFERRALS, *_columns(qualified, 2))


async def _save_owed(connection: asyncpg.Connection, winners: Sequence[Decided]) -> None:
    follow_ups: list[tuple[Any, ...]] = []
    notices: list[tuple[Any, ...]] = []
    for one in winners:
        if isinstance(one.outcome, Result):
            wallet, now = one.wallet, one.wallet.posted_at
            follow_ups.extend(
                (
                    owed.member_id,
                    owed.request_key,
                    owed.command,
                    _json(owed.payload),
                    one.asked.at,
                    now + LEASE,
                )
                for owed in wallet.writes.follow_ups
            )
            notices.extend(
                (wallet.member_id, wallet.receipt_no, now, now, kind, key, _json(payload))
                for kind, key, payload in wallet.writes.notices
            )
    await _insert(connection, FOLLOW_UP, follow_ups)
    await _insert(connection, NOTICE, notices)


async def _take_stock(connection: asyncpg.Connection, wallets: Sequence[Wallet]) -> None:
    taken: Counter[str] = Counter()
    for wallet in wallets:
        for item, count in wallet.writes.stock.items():
            taken[item] += count
    items = sorted(item for item, count in taken.items() if count)
    if items:
        rows = await connection.fetch(TAKE_STOCK, items, [taken[item] for item in items])
        missing = set(items) - {row["item"] for row in rows}
        if any(taken[item] < 0 for item in missing):
            raise LookupError(f"no stock row to give back to: {sorted(missing)}")
        if missing:
            raise StockShort


async def _insert(connection: asyncpg.Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """COPY: a third of the work of `INSERT … FROM unnest` on our side, and it names its columns as well."""
    if rows:
        await connection.copy_records_to_table(table.name, records=rows, columns=table.columns)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    if len(columns) != width:
        raise ValueError(f"expected {width} columns, got {len(columns)}")
    return columns


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
