"""Triggers refuse to everybody what the grants allow to nobody, and nothing that the program does."""

import asyncpg
import pytest

from loyalty.audit import audit
from loyalty.schema import GRANTS
from models.database import migrate
from models.guards import make_guards
from tests.ledger import KEYS, open_ledger
from tests.loyalty.worlds import busy_world

FORBIDDEN = [
    "UPDATE receipt SET facts = '{}'",
    "UPDATE receipt SET trace = NULL",
    "UPDATE entry SET amount = amount + 1",
    "UPDATE lot SET expires_on = expires_on + 1",
    "UPDATE draw SET prize_name = 'x'",
    "UPDATE redemption SET expires_on = expires_on + 1",
    "UPDATE wheel_round SET commitment = sha256('x')",
    "UPDATE rule_version SET body = '{}'",
    "DELETE FROM entry",
    "DELETE FROM receipt WHERE false",
    "DELETE FROM stock",
    "INSERT INTO meter VALUES (1, 'm', 'p', 1) ON CONFLICT (member_id, name, period) DO UPDATE SET period = 'q'",
]


async def test_the_owner_is_refused_what_the_program_never_does(bare_url: str) -> None:
    await migrate(bare_url)
    async with open_ledger(bare_url) as ledger:
        async with ledger.pool.acquire() as connection:
            await make_guards(connection, GRANTS)
        await busy_world(ledger)
        assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
        for statement in FORBIDDEN:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="kept as they were written"):
                await ledger.pool.execute(statement)
        assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_a_guard_that_was_disabled_is_named(bare_url: str) -> None:
    await migrate(bare_url)
    async with open_ledger(bare_url) as ledger:
        async with ledger.pool.acquire() as connection:
            await make_guards(connection, GRANTS)
        await ledger.pool.execute(
            "ALTER TABLE entry DISABLE TRIGGER entry_kept; DROP TRIGGER draw_kept ON draw"
        )
        found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
        named = [f"{name}_kept is missing or not as it should be" for name in ("draw", "entry")]
        assert [(one.invariant, one.detail) for one in found] == [("I23", name) for name in named]
        async with ledger.pool.acquire() as connection:
            await make_guards(connection, GRANTS)
        assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_a_migration_is_not_in_its_own_way(bare_url: str) -> None:
    await migrate(bare_url, grants=GRANTS)
    await migrate(bare_url, grants=GRANTS)
