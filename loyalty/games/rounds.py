"""Rounds: each wheel has one open round, which belongs to one table of odds and has a seed whose hash is published."""

import secrets
from collections.abc import Mapping
from datetime import datetime

import asyncpg

from loyalty.games.fairness import commitment
from loyalty.games.rule import Wheel, prize_pool

CLOSE_ROUNDS = """
UPDATE wheel_round w SET closed_at = $3, revealed_at = $3 WHERE closed_at IS NULL AND NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS u(wheel, odds_version)
    WHERE u.wheel = w.wheel AND u.odds_version = w.odds_version
)
"""
OPEN_ROUNDS = """
INSERT INTO wheel_round (wheel, odds_version, commitment, server_seed, opened_at)
SELECT u.wheel, u.odds_version, u.commitment, u.server_seed, $5
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) AS u(wheel, odds_version, commitment, server_seed)
"""


def pool_sizes(wheels: Mapping[str, Wheel]) -> dict[str, int]:
    """The pool of every limited prize, with the number of pieces that there are."""
    return {
        prize_pool(wheel.id, prize.id): prize.stock
        for wheel in wheels.values()
        for prize in wheel.prizes
        if prize.stock is not None
    }


async def turn_rounds(connection: asyncpg.Connection, wheels: Mapping[str, Wheel], now: datetime) -> None:
    """Close and reveal the rounds whose table of odds has changed or is gone, then open a round for each wheel without one."""
    tables = {wheel.id: wheel.odds_version for wheel in wheels.values()}
    await connection.execute(CLOSE_ROUNDS, list(tables), list(tables.values()), now)
    rows = await connection.fetch("SELECT wheel FROM wheel_round WHERE closed_at IS NULL")
    running = {row["wheel"] for row in rows}
    fresh = [wheel for wheel in tables if wheel not in running]
    seeds = [secrets.token_bytes(32) for _ in fresh]
    if fresh:
        versions = [tables[wheel] for wheel in fresh]
        await connection.execute(
            OPEN_ROUNDS, fresh, versions, [commitment(seed) for seed in seeds], seeds, now
        )


async def last_turned(connection: asyncpg.Connection) -> datetime | None:
    """The latest instant at which a round was opened or closed."""
    found: datetime | None = await connection.fetchval(
        "SELECT max(greatest(opened_at, closed_at)) FROM wheel_round"
    )
    return found
