"""The engine's last step: store the outcomes of a batch. Plain SQL, set-based, arrays sorted by member.

Accounts are written first, each only if its version is still the loaded one (optimistic concurrency). Members whose version has
changed are left out of all later statements. Pools come last, so that their rows, which all members share, are locked briefly.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import asyncpg
import orjson

from loyalty.engine.command import MEMBER, DatedCommand
from loyalty.engine.follow_ups import LEASE
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.pools import Pools, PoolShort, take_from_pools
from loyalty.engine.registry import Registry, facts_of
from loyalty.engine.updates import (
    ADD_TO_METERS,
    IN_ACCOUNT,
    IN_LOT,
    Change,
    differing,
    update_accounts,
    update_lots,
)
from loyalty.ledger.lots import LotKey
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import Entry, NoticeRow, Table


class Decided(NamedTuple):
    """A command that has been decided: its outcome, the wallet that holds its writes, and its trace as JSON."""

    dated: DatedCommand
    outcome: Outcome
    wallet: Wallet
    trace: str

    @property
    def member_id(self) -> int:
        """The member."""
        return self.wallet.member_id


class Target(NamedTuple):
    """Where `_insert` writes: a table, and the columns of a row in their order."""

    name: str
    columns: tuple[str, ...]


RECEIPT = Target("receipt", (
    "member_id", "no", "command", "scope", "ref", "request_key", "request_hash", "accepted", "code", "facts", "rule_version",
    "actor", "effective_at", "posted_at", "trace",
))  # fmt: skip
ENTRY = Target("entry", (
    "member_id", "seq", "receipt_no", "reason", "detail", "src", "dst", "amount", "available", "pending", "held", "debt",
    "expires_on", "posted_at", "chain",
))  # fmt: skip
LOT = Target("lot", ("member_id", *LotKey._fields, *IN_LOT))
LOT_USE = Target("lot_use", ("member_id", "receipt_no", "kind", *LotKey._fields, "amount"))
METER = Target("meter", ("member_id", "name", "period", "value"))
FOLLOW_UP = Target("follow_up", ("member_id", "request_key", "command", "payload", "effective_at", "due_at"))
NOTICE = Target("notice", ("member_id", "receipt_no", "created_at", *NoticeRow._fields))


_changing = attrgetter(*IN_ACCOUNT)


async def save(
    connection: asyncpg.Connection, decided: Sequence[Decided], registry: Registry, pools: Pools
) -> set[int]:
    """Write the outcomes (results and stored refusals, sorted by member); the members whose version was still the loaded one.

    Raises PoolShort when a pool ran out meanwhile, or when a command that is not stored, because its member's version has moved,
    took from a pool what another command of the batch was then refused. The caller rolls back and decides the batch again.
    """
    won = await _save_accounts(connection, decided)
    lost = [one for one in decided if one.member_id not in won]
    if any(pools.caused_refusal(one.wallet.writes) for one in lost):
        raise PoolShort
    winners = [one for one in decided if one.member_id in won] if lost else decided
    accepted = [one.wallet for one in winners if isinstance(one.outcome, Result)]
    await _insert(connection, RECEIPT, [_receipt_row(one) for one in winners])
    await _insert(connection, ENTRY, [_entry_row(entry) for w in accepted for entry in w.writes.entries])
    await _save_lots(connection, accepted)
    await _save_meters(connection, accepted)
    await _save_facts(connection, accepted, registry)
    await _save_owed(connection, winners)
    await take_from_pools(connection, pools, _taken(accepted))
    return won


async def _save_accounts(connection: asyncpg.Connection, decided: Sequence[Decided]) -> set[int]:
    changed = differing(IN_ACCOUNT, [_account_change(one) for one in decided])
    unseen = [one.wallet.unless_seen_after for one in decided]
    guarded = any(unseen)
    rows = await connection.fetch(
        update_accounts(tuple(changed), unless_seen=guarded),
        [one.member_id for one in decided],
        [one.wallet.loaded.version for one in decided],
        [_posted_at(one) for one in decided],
        [one.dated.day if one.dated.command.actor == MEMBER else None for one in decided],
        *([unseen] if guarded else []),
        *changed.values(),
    )
    return {row["member_id"] for row in rows}


def _posted_at(one: Decided) -> datetime:
    """The instant up to which the account has been booked: a refusal books nothing, so it does not move it."""
    return one.wallet.posted_at if isinstance(one.outcome, Result) else one.wallet.loaded.posted_at


def _account_change(one: Decided) -> Change:
    before = _changing(one.wallet.loaded)
    return Change(before, _changing(one.wallet.account) if isinstance(one.outcome, Result) else before)


def _receipt_row(one: Decided) -> tuple[Any, ...]:
    wallet, command = one.wallet, one.dated.command
    return (
        wallet.member_id, wallet.receipt_no, command.name, wallet.scope, wallet.ref, command.request_key,
        command.fingerprint, isinstance(one.outcome, Result), one.outcome.code, facts_of(one.outcome).decode(),
        wallet.rule_version, command.actor, one.dated.at, wallet.posted_at, one.trace,
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


async def _save_meters(connection: asyncpg.Connection, wallets: Iterable[Wallet]) -> None:
    """Add to meters that have a row and insert the others. The account's version guards both against other transactions."""
    counted = [(w, key, count) for w in wallets for key, count in w.writes.meters.items()]
    new = [(w.member_id, *key, count) for w, key, count in counted if w.meters.get(key) is None]
    known = [(w.member_id, *key, count) for w, key, count in counted if w.meters.get(key) is not None]
    await _insert(connection, METER, new)
    if known:
        await connection.execute(ADD_TO_METERS, *_columns(known, 4))


async def _save_facts(connection: asyncpg.Connection, wallets: Sequence[Wallet], registry: Registry) -> None:
    rows: defaultdict[Table[Any], list[tuple[Any, ...]]] = defaultdict(list)
    for w in wallets:
        for table, own in w.writes.rows.items():
            stamped = (w.member_id, *(getattr(w, stamp) for stamp in table.stamps.values()))
            rows[table].extend((*stamped, *row) for row in own)
    for table in registry.tables:
        if table in rows:
            await _insert(connection, table, rows[table])
    for update in registry.updates:
        changes = [
            (w.member_id, *row)
            for w in wallets
            if update in w.writes.changes
            for row in w.writes.changes[update]
        ]
        if changes:
            await connection.execute(update.statement, *_columns(changes, len(changes[0])))


async def _save_owed(connection: asyncpg.Connection, winners: Sequence[Decided]) -> None:
    follow_ups: list[tuple[Any, ...]] = []
    notices: list[tuple[Any, ...]] = []
    for one in winners:
        if isinstance(one.outcome, Result):
            wallet, now = one.wallet, one.wallet.posted_at
            follow_ups.extend(
                (
                    follow_up.member_id,
                    follow_up.request_key,
                    follow_up.command,
                    _json(follow_up.payload),
                    one.dated.at,
                    now + LEASE,
                )
                for follow_up in wallet.writes.follow_ups
            )
            notices.extend(
                (wallet.member_id, wallet.receipt_no, now, kind, key, _json(payload), due_at or now)
                for kind, key, payload, due_at in wallet.writes.notices
            )
    await _insert(connection, FOLLOW_UP, follow_ups)
    await _insert(connection, NOTICE, notices)


def _taken(wallets: Iterable[Wallet]) -> Counter[str]:
    """What all of them took from each pool, less what they returned."""
    taken: Counter[str] = Counter()
    for wallet in wallets:
        for name, count in wallet.writes.pools.items():
            taken[name] += count
    return taken


async def _insert(
    connection: asyncpg.Connection, table: Target | Table[Any], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert by COPY, which costs us a third of the time of `INSERT … FROM unnest` (decision 0014)."""
    if rows:
        await connection.copy_records_to_table(table.name, records=rows, columns=table.columns)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    if len(columns) != width:
        raise ValueError(f"expected {width} columns, got {len(columns)}")
    return columns


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
