"""Numbers of rewards, by which the chat names them: a reward keeps its number for ever, and no other reward ever gets it."""

from collections.abc import Iterable, Mapping

import asyncpg

from loyalty.rewards.rule import Reward
from models.rules import RewardNumber

SELECT_NUMBERED = "SELECT reward, number FROM reward_number"
NUMBER = "INSERT INTO reward_number (number, reward) SELECT * FROM unnest($1::int[], $2::text[])"


async def number_rewards(connection: asyncpg.Connection, rewards: Mapping[str, Reward]) -> None:
    """Give each reward that has no number the next one, in the order of the rules.

    Only one transaction at a time may do so; publications hold a lock.
    """
    known: dict[str, int] = dict(await connection.fetch(SELECT_NUMBERED))
    new = [reward for reward in rewards if reward not in known]
    if new:
        first = max(known.values(), default=0) + 1
        await connection.execute(NUMBER, list(range(first, first + len(new))), new)


async def numbers(rewards: Iterable[str]) -> dict[str, int]:
    """The numbers of these rewards, by id."""
    rows = await RewardNumber.filter(reward__in=list(rewards))
    return {row.reward: row.number for row in rows}


async def reward_numbered(number: int) -> str | None:
    """The id of the reward with this number, in the rules or not; None if no reward ever had it."""
    row = await RewardNumber.get_or_none(number=number)
    return row.reward if row else None
