"""A ledger whose engine runs the invented feature as well."""

from collections.abc import AsyncIterator
from dataclasses import fields

import asyncpg
import pytest

from tests.ledger import Ledger, open_ledger
from tests.loyalty.engine.invented import ALL, RULE, TABLE, LanternRule


@pytest.fixture
async def ledger(migrated_url: str) -> AsyncIterator[Ledger]:
    """Return an engine of all features and the invented one, which has a table of its own in the database."""
    async with asyncpg.create_pool(migrated_url, min_size=1, max_size=1) as pool:
        await pool.execute(TABLE)
        try:
            async with open_ledger(migrated_url, ALL) as opened:
                yield opened
        finally:
            await pool.execute("DROP TABLE oil")
            for one in fields(LanternRule):
                setattr(RULE, one.name, one.default)
