"""Rounds: each wheel has one open round, which belongs to one version of the wheel and has a seed whose hash is published.

A round ends when its wheel changes or is taken down, at the end of its day or week, or because the database was restored. Then its
seed is revealed, and a round with a fresh seed is opened.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg

from base.sealing import Keyring
from loyalty.engine.reads import Present
from loyalty.games.rule import Wheel, prize_pool
from loyalty.games.seeds import HERE, new_seed, open_seed, seal_again, seed_if_known
from loyalty.ledger.calendar import business_day, day_start

SELECT_OPEN = f"""
SELECT id, wheel, odds_version, ends_at, commitment, key_id, sealed_seed, opened_in = {HERE} AS is_ours FROM wheel_round
WHERE closed_at IS NULL ORDER BY id
"""  # noqa: S608  # no values in the text
CLOSE_ROUNDS = """
UPDATE wheel_round w SET closed_at = $3, revealed_at = $3, server_seed = u.seed, sealed_seed = NULL, key_id = NULL
FROM unnest($1::int[], $2::bytea[]) AS u(id, seed) WHERE w.id = u.id AND w.closed_at IS NULL
"""
OPEN_ROUND = f"""
INSERT INTO wheel_round (wheel, odds_version, commitment, key_id, sealed_seed, opened_at, ends_at, opened_in)
VALUES ($1, $2, $3, $4, $5, $6, $7, {HERE})
"""  # noqa: S608  # no values in the text

STALE_SEALS = """
SELECT id, wheel, commitment, key_id, sealed_seed FROM wheel_round WHERE closed_at IS NULL AND key_id <> $1
ORDER BY id LIMIT $2
"""
SEAL_AGAIN = """
UPDATE wheel_round w SET key_id = u.key_id, sealed_seed = u.sealed_seed
FROM unnest($1::int[], $2::text[], $3::bytea[]) AS u(id, key_id, sealed_seed) WHERE w.id = u.id AND w.sealed_seed IS NOT NULL
"""


def pool_sizes(wheels: Mapping[str, Wheel]) -> dict[str, int]:
    """The pool of every limited prize, with the number of pieces that there are."""
    return {
        prize_pool(wheel.id, prize.id): prize.stock
        for wheel in wheels.values()
        for prize in wheel.prizes
        if prize.stock is not None
    }


async def turn_rounds(connection: asyncpg.Connection, wheels: Mapping[str, Wheel], present: Present) -> None:
    """Close and reveal the rounds that are over, then open a round for each wheel without one.

    Safe to repeat; the caller lets one at a time do it. A command that was given no key leaves it to server and worker, because no
    draw is made on a round of another wheel or one that is over. Raises KeyMissing and SealBroken.
    """
    if not present.keyring.ids:
        return
    rows = await connection.fetch(SELECT_OPEN)
    over = [row for row in rows if _is_over(row, wheels, present.now)]
    await close_rounds(connection, over, present.keyring, present.now)
    running = {row["wheel"] for row in rows} - {row["wheel"] for row in over}
    for wheel in wheels.values():
        if wheel.id not in running:
            await _open(connection, wheel, present)


async def close_rounds(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], keyring: Keyring, now: datetime
) -> None:
    """Close rounds that SELECT_OPEN found, and reveal their seeds. Raises KeyMissing and SealBroken."""
    if rows:
        seeds = [open_seed(row, keyring) for row in rows]
        await connection.execute(CLOSE_ROUNDS, [row["id"] for row in rows], seeds, now)


def _is_over(row: asyncpg.Record, wheels: Mapping[str, Wheel], now: datetime) -> bool:
    wheel = wheels.get(row["wheel"])
    changed = wheel is None or wheel.odds_version != row["odds_version"]
    return changed or row["ends_at"] <= now or not row["is_ours"]


async def _open(connection: asyncpg.Connection, wheel: Wheel, present: Present) -> None:
    seed, ends_at = new_seed(wheel.id, present.keyring), end_of_round(wheel, present)
    await connection.execute(
        OPEN_ROUND, wheel.id, wheel.odds_version, seed.commitment, *seed.sealed, present.now, ends_at
    )


def end_of_round(wheel: Wheel, present: Present) -> datetime:
    """The instant at which a round that is opened now ends: the next midnight, or that before the next Monday."""
    today = business_day(present.now, present.zone)
    days = 1 if wheel.round == "day" else 7 - today.weekday()
    return day_start(today + timedelta(days=days), present.zone)


async def last_turned(connection: asyncpg.Connection) -> datetime | None:
    """The latest instant at which a round was opened or closed."""
    found: datetime | None = await connection.fetchval(
        "SELECT greatest((SELECT max(opened_at) FROM wheel_round WHERE closed_at IS NULL),"
        " (SELECT max(closed_at) FROM wheel_round))"
    )
    return found


async def require_keys(database: asyncpg.Pool, keyring: Keyring) -> None:
    """Raise KeyMissing or SealBroken if the seed of an open round cannot be unsealed."""
    for row in await database.fetch(SELECT_OPEN):
        open_seed(row, keyring)


async def end_rounds(
    connection: asyncpg.Connection, keyring: Keyring, now: datetime, *, without_seed: bool = False
) -> int:
    """Close and reveal every open round, as after a restore that the program cannot see; how many there were.

    `without_seed` also closes rounds whose seal cannot be opened because the key is lost; their seeds stay sealed for ever. Raises
    KeyMissing and SealBroken.
    """
    rows = await connection.fetch(SELECT_OPEN)
    if without_seed:
        lost = [row["id"] for row in rows if seed_if_known(row, keyring) is None]
        await connection.execute("UPDATE wheel_round SET closed_at = $2 WHERE id = ANY($1::int[])", lost, now)
    known = [row for row in rows if not without_seed or seed_if_known(row, keyring) is not None]
    await close_rounds(connection, known, keyring, now)
    return len(rows)


async def seal_rounds_again(connection: asyncpg.Connection, keyring: Keyring, limit: int) -> int:
    """Seal at most `limit` seeds that are sealed with another key with the present one; how many there were.

    A round that is closed meanwhile keeps its revealed seed. Raises KeyMissing and SealBroken.
    """
    rows = await connection.fetch(STALE_SEALS, keyring.present_id, limit)
    sealed = [seal_again(row, keyring) for row in rows]
    columns = [one.key_id for one in sealed], [one.sealed for one in sealed]
    await connection.execute(SEAL_AGAIN, [row["id"] for row in rows], *columns)
    return len(rows)
