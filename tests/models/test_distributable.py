"""A member's tables can be spread over many databases by member_id: their keys allow it, and no statement stands in the way.

Distributed PostgreSQL (Citus) enforces a key only within one shard, so every unique key must begin with the column that shards are
chosen by; it refuses row locks and data-modifying CTEs that reach several shards. What else it refuses is in `test_shapes`.
"""

import re

import asyncpg
import pytest

from loyalty.schema import GRANTS
from models.placement import BY_MEMBER
from tests.ledger import Ledger
from tests.models.places import PLACEMENTS
from tests.models.statements import texts, texts_of
from tests.source import PACKAGES, ROOT

MEMBERS = {name for name, placement in PLACEMENTS.items() if placement == BY_MEMBER}
"""One member's rows, together on one shard."""

DISTRIBUTED = {name: str(placement.column) for name, placement in PLACEMENTS.items() if placement.column}
"""The members' tables, and the directories that are keyed by their own code and point to a member."""

NUMBERED = {
    "member.member_id": "who a member is; a distributed sequence gives it",
    "wheel_round.id": "of a shared table, counted once for all shards",
    "operator.operator_id": "of a shared table",
    "operator_job.number": "of a shared table",
    "tortoise_migrations.id": "of a shared table",
}
"""Columns that draw from a sequence. A member's own rows count per member (seq, version, nonce), so that shards need not agree."""

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
KEYS = """
SELECT t.relname AS table_name, c.relname AS key, i.indisprimary AS is_primary, coalesce(a.attname, 'an expression') AS first,
    ARRAY(SELECT attname::text FROM pg_attribute n WHERE n.attrelid = t.oid AND n.attnum = ANY(i.indkey)) AS columns
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
WHERE (i.indisunique OR i.indisexclusion) AND c.relnamespace = 'public'::regnamespace
"""
MEMBER_IDS = """
SELECT attrelid::regclass::text AS table_name, format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '' ELSE ' NULL' END
FROM pg_attribute WHERE attname = 'member_id' AND attrelid::regclass::text = ANY($1::text[])
"""
BETWEEN_TABLES = """
SELECT conrelid::regclass || '.' || conname AS name FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
UNION ALL
SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
"""
COUNTED = """
SELECT attrelid::regclass || '.' || attname AS name FROM pg_attribute
WHERE attidentity <> '' AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION
SELECT adrelid::regclass || '.' || attname FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
WHERE pg_get_expr(adbin, adrelid) ~ 'nextval'
"""


async def faults(connection: asyncpg.Connection | asyncpg.Pool) -> list[str]:
    """What would keep the member tables from being distributed, and tables that nobody has found a place for."""
    tables = {row["relname"] for row in await connection.fetch(TABLES)}
    keys = await connection.fetch(KEYS)
    found = [f"{table} has no place" for table in tables - PLACEMENTS.keys()]
    found += [f"{table} is missing" for table in PLACEMENTS.keys() - tables]
    found += [
        f"{row['table_name']}: {row['key']} begins with {row['first']}"
        for row in keys
        if row["table_name"] in MEMBERS and row["first"] != "member_id"
    ]
    found += [
        f"{row['table_name']}: {row['key']} is without {DISTRIBUTED[row['table_name']]}"
        for row in keys
        if row["table_name"] in DISTRIBUTED.keys() - MEMBERS
        and DISTRIBUTED[row["table_name"]] not in row["columns"]
    ]
    found += [
        f"{table} has no primary key"
        for table in tables - {row["table_name"] for row in keys if row["is_primary"]}
    ]
    kinds = dict(await connection.fetch(MEMBER_IDS, sorted(MEMBERS)))
    found += [
        f"{table}: member_id is {kinds.get(table)}" for table in MEMBERS if kinds.get(table) != "bigint"
    ]
    found += [f"{row['name']} ties tables together" for row in await connection.fetch(BETWEEN_TABLES)]
    counted = {row["name"] for row in await connection.fetch(COUNTED)}
    found += [f"{name} is counted over all members" for name in counted - NUMBERED.keys()]
    return sorted(found)


async def test_the_tables_can_be_distributed_by_member(ledger: Ledger) -> None:
    assert await faults(ledger.pool) == []


DAMAGE = [
    ("CREATE TABLE coupon (code text PRIMARY KEY, member_id bigint)", ["coupon has no place"]),
    (
        "CREATE UNIQUE INDEX one_each ON identity (member_id, provider)",
        ["identity: one_each is without subject"],
    ),
    ("CREATE UNIQUE INDEX lot_day ON lot (expires_on, member_id)", ["lot: lot_day begins with expires_on"]),
    ("CREATE UNIQUE INDEX once ON entry ((member_id % 10), seq)", ["entry: once begins with an expression"]),
    (
        "ALTER TABLE receipt ADD CONSTRAINT one_ref EXCLUDE USING btree (ref WITH =)",
        ["receipt: one_ref begins with ref"],
    ),
    ("ALTER TABLE consent DROP CONSTRAINT consent_pkey", ["consent has no primary key"]),
    ("ALTER TABLE contact ALTER member_id TYPE integer", ["contact: member_id is integer"]),
    (
        "ALTER TABLE lot ADD FOREIGN KEY (member_id) REFERENCES member",
        ["lot.lot_member_id_fkey ties tables together"],
    ),
    ("ALTER TABLE draw ADD id bigserial", ["draw.id is counted over all members"]),
    (
        "ALTER TABLE notice ADD id bigint GENERATED ALWAYS AS IDENTITY",
        ["notice.id is counted over all members"],
    ),
    (
        "CREATE TRIGGER stamp BEFORE UPDATE ON lot FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ["lot.stamp ties tables together"],
    ),
    ("DROP TABLE lot_use", ["lot_use is missing", "lot_use: member_id is None"]),
]


@pytest.mark.parametrize(("damage", "named"), DAMAGE)
async def test_what_would_stand_in_the_way_is_named(ledger: Ledger, damage: str, named: list[str]) -> None:
    async with ledger.pool.acquire() as connection:
        await connection.execute("BEGIN")
        try:
            await connection.execute(damage)
            assert await faults(connection) == named
        finally:
            await connection.execute("ROLLBACK")


def test_nobody_moves_a_row_to_another_member() -> None:
    assert {table for table in MEMBERS if "member_id" in GRANTS[table].update} == set()


FORBIDDEN = {
    "locks rows": re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.I),
    "locks a table": re.compile(r"\bLOCK\s+(?:TABLE\s+\w+|\w+\s+IN\s+[\w\s]+\bMODE\b)", re.I),
    "writes within a query": re.compile(
        r"\bAS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(\s*(?:INSERT|UPDATE|DELETE|MERGE)\b", re.I
    ),
    "counts over all members": re.compile(r"\b(?:nextval|currval|lastval)\s*\(", re.I),
}
"""Versions guard the races, each fact is written by a statement of its own, and a member counts its own rows."""

TORTOISE_LOCKS = "select_for_update"


def strays(found: list[str]) -> set[str]:
    """The names of what these texts do that no statement may."""
    return {name for name, pattern in FORBIDDEN.items() if any(pattern.search(text) for text in found)}


def test_no_statement_stands_in_the_way() -> None:
    found = [*texts(*PACKAGES)]
    assert any("UPDATE account" in text for text in found)
    assert strays(found) == set()
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert [path for path in sources if TORTOISE_LOCKS in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (
            'Q = """SELECT version FROM account\nWHERE member_id = ANY($1) FOR UPDATE SKIP LOCKED"""',
            "locks rows",
        ),
        ('Q = f"SELECT {COLUMNS} FROM lot FOR NO KEY UPDATE"', "locks rows"),
        ('run("select 1 from stock " "for share")', "locks rows"),
        ('Q = "LOCK TABLE account"', "locks a table"),
        ('Q = "LOCK account IN SHARE ROW EXCLUSIVE MODE"', "locks a table"),
        (
            'Q = "WITH gone AS (\\n DELETE FROM notice RETURNING *) SELECT * FROM gone"',
            "writes within a query",
        ),
        ('Q = "WITH a AS MATERIALIZED (UPDATE lot SET held = 0) SELECT 1"', "writes within a query"),
        ("Q = \"INSERT INTO draw SELECT nextval('draw_no')\"", "counts over all members"),
    ],
)
def test_a_statement_that_does_is_seen(source: str, named: str) -> None:
    assert strays([*texts_of(source)]) == {named}
    assert strays([*texts_of("""Q = "WITH a AS (SELECT 1) UPDATE lot SET held = 0 FROM a" """)]) == set()
