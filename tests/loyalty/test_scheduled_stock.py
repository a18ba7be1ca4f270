"""Stock of a scheduled version binds at the instant that the version names, whether or not the worker's job has run."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.engine.engine import Engine
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.programme.publishing.publication import publish, put_in_force
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import OutOfStock, Redeemed
from loyalty.rewards.views import rewards
from tests.ledger import KEYS, Ledger, limited_wheel, rules_with

HOUR_S = 3600


def selling(stock: int) -> Any:
    cup = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 1, "stock": stock}
    return rules_with(rewards=[cup], wheels=[limited_wheel("sure", stock)])


async def changed_in_an_hour(ledger: Ledger, before: int, after: int) -> int:
    """A member, an hour before the stock changes."""
    await ledger.publish(selling(before))
    effective_from = ledger.clock.now() + timedelta(seconds=HOUR_S)
    await publish(
        ledger.engine,
        selling(after),
        base=2,
        by="test",
        reason="stock",
        effective_from=effective_from,
        urgent=True,
    )
    return await ledger.member()


async def redeemed(engine: Engine, ledger: Ledger, member: int, times: int) -> list[str]:
    codes = []
    for number in range(times):
        key = f"test:{ledger.clock.now()}:{number}"
        command = Redeem(member_id=member, request_key=key, at=ledger.clock.now(), reward="cup")
        codes.append((await engine.run(command)).outcome.code)
    return codes


async def left(ledger: Ledger, member: int) -> int | None:
    (offered,) = await rewards(member, await ledger.live(), ledger.clock.now())
    return offered.stock_left


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


@pytest.mark.parametrize(("before", "after"), [(1, 3), (5, 3)])
async def test_pieces_are_those_of_the_version(ledger: Ledger, before: int, after: int) -> None:
    member = await changed_in_an_hour(ledger, before, after)
    ledger.clock.advance(HOUR_S - 1)
    assert await redeemed(ledger.engine, ledger, member, 1) == ["redeemed"]
    assert await left(ledger, member) == before - 1
    ledger.clock.advance(1)
    assert await left(ledger, member) == after - 1, "the list goes by the version, too"
    assert await redeemed(ledger.engine, ledger, member, 3) == ["redeemed", "redeemed", "out_of_stock"]
    assert await left(ledger, member) == 0
    await clean(ledger)


async def test_what_was_taken_before_is_never_taken_back(ledger: Ledger) -> None:
    member = await changed_in_an_hour(ledger, 5, 2)
    assert await redeemed(ledger.engine, ledger, member, 4) == ["redeemed"] * 4
    ledger.clock.advance(HOUR_S)
    assert await redeemed(ledger.engine, ledger, member, 1) == ["out_of_stock"]
    assert await left(ledger, member) == 0
    await clean(ledger)


async def test_prizes_of_a_wheel_go_by_the_version(ledger: Ledger) -> None:
    member = await changed_in_an_hour(ledger, 5, 1)
    ledger.clock.advance(HOUR_S)
    won = []
    for _ in range(3):
        outcome = (await ledger.run(Draw, member, wheel="sure")).outcome
        assert isinstance(outcome, Drawn)
        won.append(outcome.draws[0].prize)
    assert won == ["grand", "consolation", "consolation"]
    await clean(ledger)


async def test_every_process_by_itself(ledger: Ledger) -> None:
    """Two processes that both knew the version before meet the new one at its instant, at once."""
    await changed_in_an_hour(ledger, 50, 3)
    async with ledger.rival() as rival:
        for engine in (ledger.engine, rival):
            await redeemed(engine, ledger, await ledger.member(), 1)
        members = [await ledger.member() for _ in range(8)]
        ledger.clock.advance(HOUR_S)
        commands = [
            Redeem(member_id=member, request_key="test:x", at=ledger.clock.now(), reward="cup")
            for member in members
        ]
        engines = [ledger.engine, rival] * 4
        decisions = await asyncio.gather(
            *(engine.run(command) for engine, command in zip(engines, commands, strict=True))
        )
    outcomes = [one.outcome for one in decisions]
    assert sum(isinstance(one, Redeemed) for one in outcomes) == 1
    assert sum(isinstance(one, OutOfStock) for one in outcomes) == 7
    await clean(ledger)


async def test_the_job_finds_nothing_left_to_do(ledger: Ledger) -> None:
    member = await changed_in_an_hour(ledger, 1, 3)
    ledger.clock.advance(HOUR_S)
    await redeemed(ledger.engine, ledger, member, 1)
    stock = "SELECT string_agg(s::text, ' ' ORDER BY item) FROM stock s"
    before = await ledger.pool.fetchval(stock)
    assert await put_in_force(ledger.engine) == 3
    assert await ledger.pool.fetchval(stock) == before
