"""`jifen restored` and `jifen rotate-secret-key`: seeds after a restore that cannot be seen, and when the key is replaced."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from base.sealing import Keyring, SealingError
from loyalty.games.seeds import open_seed
from tests.ledger import KEYS, Ledger
from tests.runtime.program import jifen

pytestmark = pytest.mark.slow

OLD, NEW = "test-secret-key-of-the-house", "another-key-of-the-house"


@pytest.fixture
async def given(given: dict[str, str], ledger: Ledger) -> AsyncIterator[dict[str, str]]:
    """The addresses as settings, with the key that the tests seal with; later tests find no round under another key."""
    yield given | {"SECRET_KEY": OLD}
    await ledger.pool.execute("TRUNCATE wheel_round")


OPEN = "SELECT * FROM wheel_round WHERE closed_at IS NULL"


async def revealed(pool: asyncpg.Pool) -> list[bool]:
    """Of each round, whether its seed is revealed."""
    rows = await pool.fetch("SELECT server_seed IS NOT NULL AS is_out FROM wheel_round ORDER BY id")
    return [row["is_out"] for row in rows]


async def test_restored_ends_every_open_round(ledger: Ledger, given: dict[str, str]) -> None:
    for rounds in (2, 3):
        told = jifen("restored", **given)
        assert told.returncode == 0, told.stderr
        assert "结束了 1 个轮次" in told.stdout
        assert await revealed(ledger.pool) == [True] * (rounds - 1) + [False]


async def test_the_key_is_replaced_while_serving(ledger: Ledger, given: dict[str, str]) -> None:
    """Seeds stay what they were; the old key opens none of them afterwards, and another run finds nothing to do."""
    row = await ledger.pool.fetchrow(OPEN)
    seed = open_seed(row, KEYS)
    lost = jifen("rotate-secret-key", **(given | {"SECRET_KEY": NEW}))
    assert lost.returncode == 1
    assert "JIFEN_SECRET_KEY_PREVIOUS" in lost.stderr
    assert await ledger.pool.fetchrow(OPEN) == row
    both = given | {"SECRET_KEY": NEW, "SECRET_KEY_PREVIOUS": OLD}
    for count in (1, 0):
        told = jifen("rotate-secret-key", **both)
        assert told.returncode == 0, told.stderr
        assert f"封存了 {count} 项" in told.stdout
    after = await ledger.pool.fetchrow(OPEN)
    assert open_seed(after, Keyring(NEW)) == seed
    with pytest.raises(SealingError):
        open_seed(after, KEYS)


async def test_a_server_without_the_key_of_a_seed_does_not_start(
    ledger: Ledger, given: dict[str, str]
) -> None:
    """The key is named by its number, and a lost key is given up by its own word."""
    told = jifen("restored", **(given | {"SECRET_KEY": NEW}))
    assert told.returncode == 1
    assert "JIFEN_SECRET_KEY_PREVIOUS" in told.stderr
    assert await revealed(ledger.pool) == [False]
    given_up = jifen("restored", "--lost-key", **(given | {"SECRET_KEY": NEW}))
    assert given_up.returncode == 0, given_up.stderr
    rows = await ledger.pool.fetch("SELECT * FROM wheel_round ORDER BY id")
    assert [(row["closed_at"] is None, row["revealed_at"] is None) for row in rows] == [
        (False, True), (True, True)
    ]  # fmt: skip
    assert len(open_seed(rows[1], Keyring(NEW))) == 32
