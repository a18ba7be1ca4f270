"""The check that the database has the constraints and indexes that guard points. A server must not serve without them.

`schema.yaml` here, and one in each feature that has tables, list every check and index in PostgreSQL's own spelling after a fresh
migration, which is the same in versions 15 to 18. A test compares the files with the migrations and says what belongs in them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import asyncpg
import yaml

from models.placement import placement_problems

OWN: Final = Path(__file__).with_name("schema.yaml")
"""The constraints of tables that belong to no feature."""

_FOUND: Final = """
SELECT c.conname AS name, t.relname || ' ' || pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE c.contype = 'c' AND c.convalidated AND c.connamespace = 'public'::regnamespace
UNION ALL
SELECT c.relname, pg_get_indexdef(c.oid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisvalid AND c.relnamespace = 'public'::regnamespace
"""


class SchemaIncomplete(Exception):
    """The database lacks checks or keys that guard points, so no server may use it."""


def read_schema(files: Iterable[Path]) -> dict[str, str]:
    """All files together, as name → definition; a check's definition begins with the name of its table."""
    found: dict[str, str] = {}
    for file in files:
        found |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


async def schema_problems(pool: asyncpg.Pool, expected: Mapping[str, str]) -> list[str]:
    """Names of expected checks and indexes that are missing or different; empty when all are as expected.

    On a database distributed by Citus also "<table> (placement)" for each table that is placed wrongly. Further checks and indexes
    are allowed: an operator's own index, or one that a newer version has added.
    """
    found = await definitions(pool)
    wrong = [name for name, definition in sorted(expected.items()) if found.get(name) != definition]
    return wrong + [f"{table} (placement)" for table in await placement_problems(pool)]


async def definitions(pool: asyncpg.Pool) -> dict[str, str]:
    """Every valid check and index of the database, by name."""
    return {row["name"]: " ".join(row["definition"].split()) for row in await pool.fetch(_FOUND)}
