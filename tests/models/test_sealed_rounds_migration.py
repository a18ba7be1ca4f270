"""Open rounds with plain seeds, as earlier programs left them: they end, reveal their seeds, and their draws stay verifiable."""

import pytest

from loyalty.audit import audit
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.games.proofs import proof
from loyalty.games.seeds import open_seed
from loyalty.schema import SCHEMA
from models.database import migrate
from models.schema import schema_problems
from tests.ledger import DAY_S, KEYS, Ledger, open_ledger
from tests.models.test_meters_migration import migrated_beside

FIRST_FORMAT = "02f5a3a2d4da2e5d"
"""The version of the demo's wheel in the first format."""
CHECKS = ("reveal", "seal", "span")
COLUMNS = ("sealed_seed", "key_id", "opened_in", "ends_at")
BACK = (
    *(f"ALTER TABLE wheel_round DROP CONSTRAINT wheel_round_{check}_check" for check in CHECKS),
    "DROP INDEX wheel_round_closed_idx",
    "UPDATE wheel_round SET server_seed = $1, odds_version = $2",
    "UPDATE draw SET odds_version = $1",
    "UPDATE receipt SET trace = NULL",
    *(f"ALTER TABLE wheel_round DROP COLUMN {column}" for column in COLUMNS),
    "ALTER TABLE wheel_round ALTER COLUMN server_seed SET NOT NULL",
    "DELETE FROM tortoise_migrations WHERE name LIKE '%sealed_rounds'",
)


async def as_the_last_version_left_it(ledger: Ledger) -> bytes:
    """Go back to the tables and values of the program before; the open round's seed."""
    seed = open_seed(await ledger.pool.fetchrow("SELECT * FROM wheel_round"), KEYS)
    for statement in BACK:
        values = [seed, FIRST_FORMAT] if "$2" in statement else [FIRST_FORMAT] if "$1" in statement else []
        await ledger.pool.execute(statement, *values)
    return seed


@pytest.mark.parametrize("ahead_s", [0, 400 * DAY_S])
async def test_open_rounds_with_plain_seeds_end(bare_url: str, ahead_s: float) -> None:
    """Also on a clock that is ahead of the database's, as a demo's may be."""
    await migrate(bare_url)
    async with open_ledger(bare_url) as ledger:
        ledger.clock.advance(ahead_s)
        member = await ledger.member()
        drawn = await ledger.run(Draw, member, wheel="lucky")
        assert isinstance(drawn.outcome, Drawn)
        if ahead_s:
            await ledger.pool.execute("DELETE FROM wheel_round WHERE id = 1")
        seed = await as_the_last_version_left_it(ledger)
        await migrated_beside(bare_url)
        assert await schema_problems(ledger.pool, SCHEMA) == []
        (row,) = await ledger.pool.fetch("SELECT * FROM wheel_round")
        assert (bytes(row["server_seed"]), row["closed_at"] is None, row["sealed_seed"]) == (
            seed,
            False,
            None,
        )
        shown = await proof(ledger.pool, member, drawn.outcome.draws[0].id)
        assert shown is not None
        assert (shown.server_seed, shown.covered[:19]) == (seed.hex(), "0:season_pass:1000\n")
        assert isinstance((await ledger.run(Draw, member, wheel="lucky")).outcome, Drawn)
        assert await ledger.count("wheel_round") == 2
        assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
