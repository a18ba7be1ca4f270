"""Filling a database with members who have a past: the template's rows printed set-based, table by table, indexes built after.

Up to VERIFIED_MEMBERS every hash chain is the real one and the books pass the audit; beyond it the links are 32 bytes that look the
same and prove nothing, as computing them in Python would take longer than everything else.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from jifen.loyalty import chain
from jifen.loyalty.outcomes import Result
from jifen.loyalty.rules import RuleSet
from jifen.runtime.bench.names import MINI_SUBJECT, OA_SUBJECT, TOKEN_HASH
from jifen.runtime.bench.template import Template, row_of

VERIFIED_MEMBERS = 200_000
SESSIONS = 1_000_000
"""So many members at most have a session."""

SPREAD_S = 36_000
"""A day's members come within ten hours."""

Progress = Callable[[str, int, int], None]


@dataclass
class Row:
    """One row per member: columns that are the same for all, and SQL expressions over `m`, the member."""

    same: dict[str, Any]
    each: dict[str, str] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True)
class Programme:
    """Whose members they are: app ids of both accounts, rules, zone."""

    oa_app_id: str
    miniapp_app_id: str
    rules: RuleSet
    zone: ZoneInfo


async def fill(
    database_url: str,
    programme: Programme,
    lived: Template,
    members: int,
    progress: Progress = lambda *_: None,
) -> None:
    """Give `members` members the life of the template. The tables are emptied first; rules must be published."""
    verified = members <= VERIFIED_MEMBERS
    if verified:
        await _link_all(database_url, lived, members, progress)
    tables = _tables(programme, lived, verified)
    two_at_once, done = asyncio.Semaphore(2), 0

    async def one(table: str, rows: list[Row]) -> None:
        nonlocal done
        async with two_at_once:
            progress(table, done, len(tables))
            connection = await asyncpg.connect(database_url, command_timeout=None)
            try:
                await _fill_table(connection, table, rows, members, verified)
                await connection.execute(f"VACUUM (ANALYZE) {table}")
            finally:
                await connection.close()
            done += 1
            progress(table, done, len(tables))

    await asyncio.gather(*(one(table, rows) for table, rows in tables.items()))
    connection = await asyncpg.connect(database_url, command_timeout=None)
    try:
        await connection.execute(
            "SELECT setval(pg_get_serial_sequence('member', 'member_id'), $1::bigint)", members
        )
        await connection.execute("DROP TABLE IF EXISTS bench_links")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _link_all(database_url: str, lived: Template, members: int, progress: Progress) -> None:
    """Every member's chain, link by link, by the project's own hand; a table that the other tables are filled from."""
    connection = await asyncpg.connect(database_url, command_timeout=None)
    try:
        await connection.execute("DROP TABLE IF EXISTS bench_links")
        await connection.execute("CREATE UNLOGGED TABLE bench_links (m bigint PRIMARY KEY, links bytea[])")
        rows = _links(lived, members, progress)
        await connection.copy_records_to_table("bench_links", records=rows)
        await connection.execute("ANALYZE bench_links")
    finally:
        await connection.close()


def _links(lived: Template, members: int, progress: Progress) -> Iterator[tuple[int, list[bytes]]]:
    facts = [entry.facts for step in lived.steps for entry in step.entries]
    for member_id in range(1, members + 1):
        late = timedelta(seconds=member_id % SPREAD_S)
        head, links = chain.genesis(member_id), []
        for one in facts:
            head = chain.link(head, one._replace(member_id=member_id, posted_at=one.posted_at + late))
            links.append(head)
        if member_id % 10_000 == 0:
            progress("chains", member_id, members)
        yield member_id, links


async def _fill_table(
    connection: asyncpg.Connection, table: str, rows: Iterable[Row], members: int, verified: bool
) -> None:
    """Emptied and filled in one transaction without its indexes: no WAL where wal_level is minimal, and dense indexes."""
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
        restore = await _drop_indexes(connection, table)
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


async def _drop_indexes(connection: asyncpg.Connection, table: str) -> list[str]:
    """Drop primary key and indexes; the statements that bring them back."""
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


LATE = f"m % {SPREAD_S} * interval '1 second'"


def _tables(programme: Programme, lived: Template, verified: bool) -> dict[str, list[Row]]:
    """What each table gets, its rows in the order of time. Large tables come first, so that none is left for last."""
    joined, last_day = lived.joined_at, lived.last_day
    code = "translate(lpad(to_hex(m), 8, '0'), '01', 'xy')"
    since = {"joined_at": _later(joined)}
    account = {name: value for name, value in row_of(lived.account).items() if name not in MEMBERS_OWN}
    qualified = {"qualified_at": _later(lived.steps[1].at)}
    return _facts_tables(lived, verified) | {
        "lot": [
            Row(
                dict(lot.key._asdict())
                | {k: v for k, v in row_of(lot).items() if k not in ("key", "stored")},
                ME,
            )
            for lot in lived.lots
        ],
        "identity": [
            Row({"provider": programme.oa_app_id}, ME | {"subject": OA_SUBJECT, "linked_at": _later(joined)}),
            Row(
                {"provider": programme.miniapp_app_id},
                ME | {"subject": MINI_SUBJECT, "linked_at": _later(joined)},
            ),
        ],
        "account": [
            Row(
                account,
                ME | {"chain": _link(account["seq"], verified), "posted_at": _later(lived.account.posted_at)},
            )
        ],
        "session": [
            Row(
                {},
                ME
                | {
                    "token_hash": TOKEN_HASH,
                    "created_at": "now()",
                    "expires_at": "now() + interval '30 days'",
                },
                f"WHERE m <= {SESSIONS}",
            )
        ],
        "member": [Row({"last_seen_on": last_day}, ME | since | {"referral_code": code})],
        "referral_code": [Row({}, ME | {"code": code})],
        "contact": [Row({"following": True}, ME | {"changed_at": _later(joined)})],
        "referral": [
            Row({}, ME | {"inviter_id": "m - 1", "bound_at": _later(joined)} | qualified, "WHERE m % 10 = 0")
        ],
    }


ME = {"member_id": "m"}
MEMBERS_OWN = ("member_id", "chain", "posted_at")


def _facts_tables(lived: Template, verified: bool) -> dict[str, list[Row]]:
    entries, receipts, uses, check_ins = [], [], [], []
    for step in lived.steps:
        wallet, command, posted = step.wallet, step.command, {"posted_at": _later(step.at)}
        for entry in step.entries:
            facts = {
                k: v
                for k, v in entry.facts._asdict().items()
                if k not in ("member_id", "posted_at", *OF_RECEIPT)
            }
            facts["detail"] = chain_json(facts["detail"])
            entries.append(Row(facts, ME | posted | {"chain": _link(facts["seq"], verified)}))
        key = command.request_key
        receipts.append(
            Row(
                {
                    "no": wallet.receipt_no, "command": command.name, "scope": wallet.scope, "ref": wallet.ref,
                    "request_hash": command.fingerprint, "accepted": isinstance(step.outcome, Result),
                    "code": step.outcome.code, "facts": step.outcome.to_facts().decode(), "rule_version": wallet.rule_version,
                    "actor": command.actor,
                },
                ME | posted | {"effective_at": _later(step.at), "request_key": _request_key(key)},
            )
        )  # fmt: skip
        for (kind, lot), amount in wallet.writes.lot_uses.items():
            uses.append(
                Row({"receipt_no": wallet.receipt_no, "kind": kind, **lot._asdict(), "amount": amount}, ME)
            )
        for day, streak, points in wallet.writes.check_ins:
            row = {"receipt_no": wallet.receipt_no, "day": day, "streak": streak, "points": points}
            check_ins.append(Row(row, ME))
    return {"entry": entries, "receipt": receipts, "lot_use": uses, "check_in": check_ins}


OF_RECEIPT = ("scope", "ref", "rule_version")


def _later(instant: Any) -> str:
    return f"timestamptz '{instant.isoformat()}' + {LATE}"


def _link(seq: int, verified: bool) -> str:
    return f"links[{seq}]" if verified else f"sha256(int8send(m) || int8send({seq}))"


def _request_key(key: str) -> str:
    """A chat message's key has 64 hex digits; the engine's own keys are the same for all."""
    if not key.startswith("oa:"):
        return f"'{key}'"
    return f"'oa:' || md5(m::text || '{key}') || md5('{key}' || m::text)"


def chain_json(detail: dict[str, Any]) -> str:
    """An entry's detail as `store` writes it."""
    return json.dumps(detail, ensure_ascii=False)
