"""The engine's first step: read what a batch of commands needs. Plain SQL, set-based, each statement for the whole batch.

The accounts with their versions are read first, and all other rows of the members after them. If a version is still the same when
the outcome is stored, then no other transaction has changed the member's rows in between, and all rows were read at that version.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import asyncpg

from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.handler import no_pools
from loyalty.engine.pools import Pools, load_pools
from loyalty.engine.reads import Present, Read, ReadRequest, SharedRead, SharedRequest
from loyalty.engine.receipts import Handled, StoredReceipt, load_receipts
from loyalty.engine.registry import Handling, Registry
from loyalty.engine.rules import RuleBook
from loyalty.ledger.account import ACCOUNT_COLUMNS, Account
from loyalty.ledger.lots import LOT_COLUMNS, Lot, lot_of
from loyalty.ledger.writes import MeterKey


class Loaded(NamedTuple):
    """All rows that a batch is decided on; members without an account are missing from `accounts`.

    `database_now` is the database's instant of the accounts' statement; None if there was no account.
    """

    database_now: datetime | None
    accounts: dict[int, Account]
    receipts: dict[int, StoredReceipt]
    lots: dict[int, list[Lot]]
    reads: dict[Read[Any], Mapping[int, Any]]
    shared: dict[SharedRead[Any], Any]
    meters: dict[int, dict[MeterKey, int | None]]
    rules: RuleBook
    pools: Pools

    def of_member(self, member_id: int, handling: Handling) -> dict[Read[Any], Any]:
        """What was read for one member's command."""
        return {read: self.reads[read].get(member_id, read.missing) for read in handling.reads}


async def load_batch(
    connection: asyncpg.Connection,
    commands: Sequence[DatedCommand],
    rules: RuleBook,
    registry: Registry,
    oldest_day: date,
    present: Present,
) -> Loaded:
    """What a batch of commands needs, one command per member: accounts first, everything else of the members after them.

    The lots include those that lapsed on `oldest_day` or later, because a command of that day may still grant points into them.
    """
    members = [one.command.member_id for one in commands]
    handled = [(one, registry.handling[type(one.command)]) for one in commands]
    rows = await connection.fetch(SELECT_ACCOUNTS, members)
    database_now = rows[0][0] if rows else None
    accounts = {row[1]: Account(*row[1:]) for row in rows}
    halves = await _load_halves(connection, accounts)
    receipts = await load_receipts(connection, handled, halves)
    lots: dict[int, list[Lot]] = defaultdict(list)
    for row in await connection.fetch(SELECT_LOTS, members, oldest_day):
        lots[row["member_id"]].append(lot_of(row))
    shared = await _load_shared(connection, handled, present)
    reads = await _load_reads(connection, handled, shared, halves)
    _add_touched_lots(handled, reads, lots)
    meters = await _load_meters(connection, handled, rules)
    pools = await load_pools(connection, _pool_sizes(handled, rules))
    return Loaded(database_now, accounts, receipts, lots, reads, shared, meters, rules, pools)


SELECT_ACCOUNTS = f"""
SELECT statement_timestamp(), {ACCOUNT_COLUMNS} FROM account WHERE member_id = ANY($1::bigint[])
"""  # noqa: S608  # no values in the text

SELECT_HALVES = """
SELECT member_id, other_id FROM merged_half WHERE member_id = ANY($1::bigint[]) AND split_no IS NULL ORDER BY other_id
"""

SELECT_LOTS = f"""
SELECT {LOT_COLUMNS} FROM lot
WHERE member_id = ANY($1::bigint[]) AND (expires_on > $2 OR remaining > 0 OR NOT opened)
"""  # noqa: S608  # no values in the text

SELECT_METERS = """
SELECT m.member_id, m.name, m.period, m.value
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS a(member_id, name, period)
JOIN meter m ON m.member_id = a.member_id AND m.name = a.name AND m.period = a.period
"""


async def _load_halves(
    connection: asyncpg.Connection, accounts: Mapping[int, Account]
) -> dict[int, list[int]]:
    """The members that were merged into these, by member; mostly there are none, which the accounts tell."""
    found: dict[int, list[int]] = defaultdict(list)
    merged = [member_id for member_id, account in accounts.items() if account.halves]
    for member_id, other_id in await connection.fetch(SELECT_HALVES, merged) if merged else ():
        found[member_id].append(other_id)
    return found


async def _load_shared(
    connection: asyncpg.Connection, handled: Handled, present: Present
) -> dict[SharedRead[Any], Any]:
    wanted: dict[SharedRead[Any], list[Command]] = defaultdict(list)
    for one, handling in handled:
        for read in handling.handler.shared:
            wanted[read].append(one.command)
    return {
        read: await read.query(SharedRequest(connection, commands, present))
        for read, commands in wanted.items()
    }


async def _load_reads(
    connection: asyncpg.Connection,
    handled: Handled,
    shared: dict[SharedRead[Any], Any],
    halves: Mapping[int, Sequence[int]],
) -> dict[Read[Any], Mapping[int, Any]]:
    wanted: dict[Read[Any], list[DatedCommand]] = defaultdict(list)
    for one, handling in handled:
        for read in handling.reads:
            wanted[read].append(one)
    return {
        read: await read.query(ReadRequest(connection, commands, shared, halves))
        for read, commands in wanted.items()
    }


def _add_touched_lots(
    handled: Handled, reads: Mapping[Read[Any], Mapping[int, Any]], lots: dict[int, list[Lot]]
) -> None:
    """Add the lots that a command changes although nothing remains in them."""
    for one, handling in handled:
        if handling.handler.lots is not None:
            of_member = lots[one.command.member_id]
            known = {lot.key for lot in of_member}
            touched = reads[handling.handler.lots].get(one.command.member_id, ())
            of_member.extend(lot for lot in touched if lot.key not in known)


async def _load_meters(
    connection: asyncpg.Connection, handled: Handled, rules: RuleBook
) -> dict[int, dict[MeterKey, int | None]]:
    keys = [
        (one.command.member_id, key)
        for one, handling in handled
        for key in handling.meters_of(one, rules.at(one.at).rules)
    ]
    found: dict[int, dict[MeterKey, int | None]] = defaultdict(dict)
    for member_id, key in keys:
        found[member_id][key] = None
    if keys:
        columns = (
            [member_id for member_id, _ in keys],
            [key.name for _, key in keys],
            [key.period for _, key in keys],
        )
        for member_id, name, period, value in await connection.fetch(SELECT_METERS, *columns):
            found[member_id][MeterKey(name, period)] = value
    return found


def _pool_sizes(handled: Handled, rules: RuleBook) -> dict[str, int | None]:
    sizes: dict[str, int | None] = {}
    for one, handling in handled:
        if handling.handler.pools is not no_pools:
            rule = handling.feature.rule(rules.at(one.at).rules)
            sizes.update(handling.handler.pools(one.command, rule, one.day))
    return sizes
