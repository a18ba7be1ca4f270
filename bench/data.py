"""Fills a database with members who have a history: copies the template's rows set-based, table by table, and builds indexes last.

Up to VERIFIED_MEMBERS every hash chain is computed and the database passes the audit. Beyond that the links are arbitrary 32-byte
values, because computing them in Python would take longer than everything else.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import asyncpg

from bench.pattern import SPREAD_S, Programme, Row, tables
from bench.template import Template
from loyalty.ledger import chain

VERIFIED_MEMBERS = 200_000
Progress = Callable[[str, int, int], None]


async def fill(
    database_url: str,
    programme: Programme,
    history: Template,
    members: int,
    progress: Progress = lambda *_: None,
) -> None:
    """Empty the tables and give `members` members the template's history. Rules must have been published."""
    verified = members <= VERIFIED_MEMBERS
    if verified:
        await _link_all(database_url, history, members, progress)
    wanted = tables(programme, history, verified=verified)
    two_at_once, done = asyncio.Semaphore(2), 0

    async def one(table: str, rows: list[Row]) -> None:
        nonlocal done
        async with two_at_once:
            progress(table, done, len(wanted))
            connection = await asyncpg.connect(database_url, command_timeout=None)
            try:
                await _fill_table(connection, table, rows, members, verified)
                await connection.execute(f"VACUUM (ANALYZE) {table}")
            finally:
                await connection.close()
            done += 1
            progress(table, done, len(wanted))

    await asyncio.gather(*(one(table, rows) for table, rows in wanted.items()))
    connection = await asyncpg.connect(database_url, command_timeout=None)
    try:
        await connection.execute(
            "SELECT setval(pg_get_serial_sequence('member', 'member_id'), $1::bigint)", members
        )
        await connection.execute("DROP TABLE IF EXISTS bench_links")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _link_all(database_url: str, history: Template, members: int, progress: Progress) -> None:
    """Compute every member's chain with the ledger's own code, into a table from which the other tables are filled."""
    connection = await asyncpg.connect(database_url, command_timeout=None)
    try:
        await connection.execute("DROP TABLE IF EXISTS bench_links")
        await connection.execute("CREATE UNLOGGED TABLE bench_links (m bigint PRIMARY KEY, links bytea[])")
        rows = _links(history, members, progress)
        await connection.copy_records_to_table("bench_links", records=rows)
        await connection.execute("ANALYZE bench_links")
    finally:
        await connection.close()


def _links(history: Template, members: int, progress: Progress) -> Iterator[tuple[int, list[bytes]]]:
    facts = [entry.facts for step in history.steps for entry in step.entries]
    for member_id in range(1, members + 1):
        offset = timedelta(seconds=member_id % SPREAD_S)
        head, links = chain.genesis(member_id), []
        for one in facts:
            head = chain.link(head, one._replace(member_id=member_id, posted_at=one.posted_at + offset))
            links.append(head)
        if member_id % 10_000 == 0:
            progress("chains", member_id, members)
        yield member_id, links


async def _fill_table(
    connection: asyncpg.Connection, table: str, rows: Iterable[Row], members: int, verified: bool
) -> None:
    """Empty and fill a table in one transaction, without its indexes: no WAL under `wal_level = minimal`, and dense indexes."""
    types = {
        row["name"]: row["type"]
        for row in await connection.fetch(
            "SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute"
            " WHERE attrelid = $1::text::regclass AND attnum > 0",
            table,
        )
    }
    async with connection.transaction():
        await connection.execute(f"TRUNCATE {table}")
        restore = await drop_indexes(connection, table)
        for row in rows:
            columns = ", ".join([*row.same, *row.each])
            values = [f"${at}::{types[name]}" for at, name in enumerate(row.same, 1)]
            source = "bench_links" if verified else f"generate_series(1, {members}) AS m"
            await connection.execute(
                f"INSERT INTO {table} ({columns}) SELECT {', '.join([*values, *row.each.values()])}"  # noqa: S608  # our own
                f" FROM {source} {row.where}",
                *row.same.values(),
            )
        for statement in restore:
            await connection.execute(statement)


async def drop_indexes(connection: asyncpg.Connection, table: str) -> list[str]:
    """Drop primary key and indexes; returns the statements that restore them."""
    keys = await connection.fetch(
        "SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint"
        " WHERE conrelid = $1::text::regclass AND contype IN ('p', 'u')",
        table,
    )
    for key in keys:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {key['conname']}")
    indexes = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index"
        " WHERE indrelid = $1::text::regclass",
        table,
    )
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    return [f"ALTER TABLE {table} ADD CONSTRAINT {key['conname']} {key['definition']}" for key in keys] + [
        index["definition"] for index in indexes
    ]
