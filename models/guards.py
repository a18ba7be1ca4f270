"""Triggers that refuse what the program never does, to the tables' owner as well: changing a column or deleting a row of a fact.

They follow from the same grants as the rights of the application's role. A trigger on columns fires only for statements that name
one of them, once per statement, so the program's own statements pay nothing. Citus distributes no tables with triggers: there the
role's rights stand alone. A migration works without them, and they are made again after it.

The owner can still disable them, or TRUNCATE; `guard_problems` tells the audit of the former.
"""

from collections.abc import Mapping
from typing import Final

import asyncpg

from models.grants import Grant

FUNCTION: Final = """
CREATE OR REPLACE FUNCTION jifen_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept as they were written', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
COLUMNS: Final = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = ANY($1::text[]) AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position
"""
GUARDS: Final = """
SELECT c.relname AS name, t.tgenabled = 'O' AS enabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND t.tgname = c.relname || '_kept'
"""


async def drop_guards(connection: asyncpg.Connection) -> None:
    """Remove all guards, so that a migration can change rows."""
    for name in sorted({row["name"] for row in await connection.fetch(GUARDS)}):
        await connection.execute(f"DROP TRIGGER {name}_kept ON {name}")


async def make_guards(connection: asyncpg.Connection, grants: Mapping[str, Grant]) -> None:
    """Guard every table, in one transaction. Run it as the tables' owner; nothing on a database with Citus."""
    if await connection.fetchval("SELECT to_regclass('pg_dist_partition') IS NOT NULL"):
        return
    columns: dict[str, list[str]] = {}
    for table, column in await connection.fetch(COLUMNS, list(grants)):
        columns.setdefault(table, []).append(column)
    async with connection.transaction():
        await connection.execute(FUNCTION)
        await drop_guards(connection)
        for table, named in columns.items():
            if events := _events(named, grants[table]):
                await connection.execute(
                    f"CREATE TRIGGER {table}_kept BEFORE {events} ON {table}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION jifen_keep()"
                )


def _events(columns: list[str], grant: Grant) -> str:
    kept = [column for column in columns if column not in grant.update]
    update = [f"UPDATE OF {', '.join(kept)}"] if kept else []
    return " OR ".join(update if grant.delete else [*update, "DELETE"])


async def guard_problems(
    database: asyncpg.Connection | asyncpg.Pool, grants: Mapping[str, Grant]
) -> list[str]:
    """Guards that are missing or disabled; empty on a database that has none, such as one with Citus."""
    found = {row["name"]: row["enabled"] for row in await database.fetch(GUARDS)}
    if not found:
        return []
    return [f"{table}_kept" for table in sorted(grants) if not found.get(table)]
