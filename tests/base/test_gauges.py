"""What the engine tells the operator's monitor: batches, what commands came to, and how often it had to try again."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY

from loyalty.checkin.commands import CheckIn
from loyalty.engine import store
from loyalty.engine.pools import PoolShort
from loyalty.games.commands import Draw
from tests.ledger import Ledger


def counted(name: str, **labels: str) -> float:
    """What this process has counted so far."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def since() -> Callable[..., float]:
    """How much more is counted now than at the first time of asking for the same."""
    first: dict[str, float] = {}

    def more(name: str, **labels: str) -> float:
        now = counted(name, **labels)
        return now - first.setdefault(f"{name}{labels}", now)

    return more


async def test_commands_are_counted_by_what_they_came_to(ledger: Ledger, since: Callable[..., float]) -> None:
    members = [await ledger.member() for _ in range(5)]
    seen = [
        ("jifen_commands_total", {"command": "check_in", "code": "checked_in"}),
        ("jifen_commands_total", {"command": "check_in", "code": "already_checked_in"}),
        ("jifen_engine_batch_commands_sum", {}),
    ]
    for name, labels in seen:
        since(name, **labels)
    for _ in range(2):
        await asyncio.gather(*(ledger.run(CheckIn, member) for member in members))
    assert [since(name, **labels) for name, labels in seen] == [5, 5, 10]


async def test_trying_again_is_counted_by_its_reason(
    ledger: Ledger, since: Callable[..., float], monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await ledger.member()
    for reason in ("transient", "pool_short", "batch_failed"):
        since("jifen_engine_retries_total", reason=reason)
    since("jifen_commands_total", command="draw", code="error")
    save, errors = store.save, [asyncpg.DeadlockDetectedError("x"), PoolShort(), LookupError("x")]

    async def failing(connection: asyncpg.Connection, *saved: Any) -> object:
        if errors:
            raise errors.pop(0)
        return await save(connection, *saved)

    monkeypatch.setattr(store, "save", failing)
    with pytest.raises(LookupError):
        await ledger.run(Draw, member, wheel="lucky", count=1, client_seed="s")
    assert since("jifen_engine_retries_total", reason="transient") == 1
    assert since("jifen_engine_retries_total", reason="pool_short") == 1
    assert since("jifen_engine_retries_total", reason="batch_failed") == 0, "it was alone already"
    assert since("jifen_commands_total", command="draw", code="error") == 1
