"""库存: how many pieces of each limited reward and prize there are, were taken and are left."""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import asyncpg

from loyalty.games.rule import prize_pool
from loyalty.programme.rules import RuleSet
from loyalty.rewards.rule import reward_pool

SELECT: Final = "SELECT item, stocked, taken FROM stock ORDER BY item"


class StockLine(NamedTuple):
    """A reward or prize. `section` and `of` name the place in the rules that says how many pieces there are.

    `stocked` None means unlimited.
    """

    section: Literal["rewards", "wheels"]
    of: str
    name: str
    stocked: int | None
    taken: int

    @property
    def left(self) -> int | None:
        """The pieces that are left; None for unlimited."""
        return None if self.stocked is None else self.stocked - self.taken


async def list_stock(pool: asyncpg.Pool, rules: RuleSet) -> list[StockLine]:
    """All rewards and the limited prizes of the rules in force, those with the least left first."""
    stored = {row["item"]: (row["stocked"], row["taken"]) for row in await pool.fetch(SELECT)}
    return sorted(_lines(rules, stored), key=lambda line: (line.left is None, line.left or 0))


def _lines(rules: RuleSet, stored: dict[str, tuple[int, int]]) -> Iterator[StockLine]:
    for reward in rules.rewards:
        if reward.stock is None:
            yield StockLine("rewards", reward.id, reward.name, None, 0)
        else:
            stocked, taken = stored.get(reward_pool(reward.id), (reward.stock, 0))
            yield StockLine("rewards", reward.id, reward.name, stocked, taken)
    for wheel in rules.wheels:
        for prize in wheel.limited:
            stocked, taken = stored.get(prize_pool(wheel.id, prize.id), (prize.stock or 0, 0))
            yield StockLine("wheels", wheel.id, f"{wheel.name} · {prize.name}", stocked, taken)
