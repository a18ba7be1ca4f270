"""A list asks the database the same number of statements, however long it is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from loyalty.games.commands import Draw
from loyalty.games.views import wheel_view, wheels
from loyalty.rewards.views import rewards
from tests.ledger import Ledger, limited_wheel, rules_with


@asynccontextmanager
async def statements(pool: asyncpg.Pool) -> AsyncIterator[list[str]]:
    """The statements that the pool's connections run inside the block."""
    asked: list[str] = []

    def note(record: Any) -> None:
        asked.append(record.query)

    async def of_each(change: Callable[[asyncpg.pool.PoolConnectionProxy], None]) -> None:
        connections = [await pool.acquire() for _ in range(pool.get_size())]
        for connection in connections:
            change(connection)
            await pool.release(connection)

    await of_each(lambda connection: connection.add_query_logger(note))
    try:
        yield asked
    finally:
        await of_each(lambda connection: connection.remove_query_logger(note))


def reward(number: int) -> dict[str, Any]:
    return {
        "id": f"reward_{number}",
        "name": f"礼品{number}",
        "kind": "voucher",
        "price_points": 1,
        "stock": 5,
        "valid_days": 30,
        "terms": "凭券码到店领取。",
    }


async def wheels_of(ledger: Ledger, member_id: int) -> Any:
    return await wheels(ledger.pool, member_id, await ledger.live(), ledger.clock.now())


async def one_wheel_of(ledger: Ledger, member_id: int) -> Any:
    live = await ledger.live()
    return await wheel_view(ledger.pool, member_id, live.rules.wheels[0], live, ledger.clock.now())


async def rewards_of(ledger: Ledger, member_id: int) -> Any:
    return await rewards(member_id, await ledger.live(), ledger.clock.now())


LISTS: list[tuple[Callable[[Ledger, int], Awaitable[Any]], int]] = [
    (wheels_of, 2),
    (one_wheel_of, 2),
    (rewards_of, 4),
]


@pytest.mark.parametrize("length", [1, 20])
@pytest.mark.parametrize(("shown", "expected"), LISTS)
async def test_statements_of_a_list(
    ledger: Ledger, shown: Callable[[Ledger, int], Awaitable[Any]], expected: int, length: int
) -> None:
    await ledger.publish(
        rules_with(
            wheels=[limited_wheel(f"wheel_{number}", 3) for number in range(length)],
            rewards=[reward(number) for number in range(length)],
        )
    )
    member_id = await ledger.member()
    await shown(ledger, member_id)
    async with statements(ledger.pool) as asked:
        await shown(ledger, member_id)
    of_rules = [statement for statement in asked if "rule_version" in statement]
    assert len(asked) - len(of_rules) == expected, asked


async def test_each_wheel_shows_its_own_round_draws_and_stock(ledger: Ledger) -> None:
    await ledger.publish(rules_with(wheels=[limited_wheel(f"wheel_{number}", 3) for number in range(20)]))
    member_id, other = await ledger.member(), await ledger.member()
    await ledger.run(Draw, member_id, wheel="wheel_4", count=2)
    await ledger.run(Draw, other, wheel="wheel_4")
    await ledger.run(Draw, other, wheel="wheel_7")
    shown = await wheels_of(ledger, member_id)
    assert [view.id for view in shown] == [f"wheel_{number}" for number in range(20)]
    assert {view.id: 1000 - view.draws_left for view in shown if view.draws_left < 1000} == {"wheel_4": 2}
    stock_left = {view.id: view.prizes[0].stock_left for view in shown}
    assert {wheel: left for wheel, left in stock_left.items() if left != 3} == {"wheel_4": 0, "wheel_7": 2}
    assert all(view.prizes[1].stock_left is None for view in shown)
    assert len({view.commitment for view in shown}) == len({view.round_id for view in shown}) == 20
