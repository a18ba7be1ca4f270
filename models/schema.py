"""Whether the database has the constraints and indexes that guard the points; a server without them must not serve.

`schema.yaml` holds every check and index as PostgreSQL itself spells it after a fresh migration; 15 and 18 spell them alike. A test
holds the file against the migrations and says what belongs in it.
"""

from pathlib import Path
from typing import Final

import asyncpg
import yaml

EXPECTED: Final[dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("schema.yaml").read_text(encoding="utf-8")
)
"""Name → definition; a check's begins with the name of its table."""

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
    """The database lacks checks or keys that guard the points: nobody may serve on it."""


async def schema_problems(pool: asyncpg.Pool) -> list[str]:
    """Names of expected checks and indexes that are missing or not what they should be; empty when all is as expected.

    What is there beyond them is nobody's harm: an operator's own index, or what a newer version has added.
    """
    found = await definitions(pool)
    return [name for name, definition in sorted(EXPECTED.items()) if found.get(name) != definition]


async def definitions(pool: asyncpg.Pool) -> dict[str, str]:
    """Every valid check and index of the database, by name."""
    return {row["name"]: " ".join(row["definition"].split()) for row in await pool.fetch(_FOUND)}
