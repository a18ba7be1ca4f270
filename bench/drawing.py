"""A process whose concurrent callers run draws on the hot wheel through the engine."""

import asyncio
import time
from typing import Any

from base.clock import SystemClock
from base.settings import Settings, load_settings
from bench.child import child_main
from bench.cpu import own_cpu_s
from bench.names import scattered
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.opening import open_engine
from models.database import open_database


async def draw(plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Draw for `seconds` after `warm_s`, for this process's share of the members."""
    clock = SystemClock()
    asked = answered = in_window = 0
    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(pool, clock, settings.timezone, settings.keyring) as engine,
    ):
        cpu_s, began = own_cpu_s(), time.perf_counter()
        since, until = began + plan["warm_s"], began + plan["warm_s"] + plan["seconds"]
        last = until

        async def call() -> None:
            nonlocal asked, answered, in_window, last
            while time.perf_counter() < until:
                number, asked = asked, asked + 1
                decision = await engine.run(_command(plan, number, clock))
                answered += isinstance(decision.outcome, Drawn)
                last = time.perf_counter()
                in_window += last >= since

        await asyncio.gather(*(call() for _ in range(plan["callers"])))
        cpu_s = own_cpu_s() - cpu_s
    return {
        "per_second": in_window / (last - since),
        "asked": asked,
        "answered": answered,
        "cpu_s": cpu_s,
    }


def _command(plan: dict[str, Any], number: int, clock: SystemClock) -> Draw:
    member_id = scattered(number * plan["processes"] + plan["process"], plan["members"])
    key = f"api:{plan['salt']:016}{plan['process']:04}{number:012}"
    return Draw(member_id=member_id, request_key=key, at=clock.now(), wheel=plan["wheel"])


if __name__ == "__main__":
    child_main(lambda plan: load_settings(plan["settings"], None), draw)
