"""Holds past their deadline: the worker returns the points, late, twice, and at once."""

import asyncio

import pytest

from loyalty.deductions.commands import HoldPoints
from tasks import deductions
from tasks.deductions import release_holds
from tests.house import House
from tests.ledger import rules_with


async def test_holds_past_their_deadline_are_released(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deductions, "PAGE_SIZE", 2)
    ledger = house.ledger
    await ledger.publish(
        rules_with(welcome={"points": 100}, deductions={"points_per_yuan": 100, "hold_minutes": 10})
    )
    members = [await ledger.member() for _ in range(3)]
    for order in ("a1", "a2"):
        for member in members:
            await ledger.run(
                HoldPoints, member, order=f"{order}-{member}", store="sh-01", amount_fen=1000, points=30
            )
    house.clock.advance(599)
    await release_holds(house.resources, house.clock.now())
    assert [await ledger.balance(member) for member in members] == [40] * 3
    house.clock.advance(1)
    await asyncio.gather(*(release_holds(house.resources, house.clock.now()) for _ in range(2)))
    await release_holds(house.resources, house.clock.now())
    assert [await ledger.balance(member) for member in members] == [100] * 3
    assert await ledger.count("hold", state="lapsed") == 6
    assert await ledger.count("receipt", command="release_hold") == 6
