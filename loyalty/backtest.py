"""`jifen rules backtest`: the commands of the last days decided again by a candidate: who would have gained, who would have lost.

It reads one snapshot, member by member, so that its memory does not grow with the history. Without a candidate each receipt is
decided by the rules of its time, and every difference is 0, to the point: this proves that the replay tells what the ledger tells.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from base.sealing import Keyring
from base.settings import Settings
from loyalty.backtest_figures import Backtest, Extreme, Group
from loyalty.backtest_pages import Page, Plan, crew, stage_of, suppose_page
from loyalty.engine.feature import Feature
from loyalty.engine.transactions import snapshot
from loyalty.features import FEATURES
from loyalty.scope import Scope, Span, members_of
from loyalty.world import pages_of

__all__ = ["Backtest", "Extreme", "Group", "Plan", "Processes", "backtest"]

HELD: Final = "SELECT coalesce(sum(available + pending + held - debt), 0)::bigint FROM account"
MEMBERS: Final = "SELECT count(DISTINCT member_id) FROM receipt WHERE posted_at >= $1::timestamptz"
PAGES_AHEAD: Final = 2
"""Pages that wait for each process, so that none is idle and few are in memory."""
MOST_PROCESSES: Final = 4
"""More only if the operator says so: each takes about 100 MiB."""
Progress = Callable[[int, int], None]


class Processes(NamedTuple):
    """How many further processes decide, from how many members on they are worth their start, and the settings that they get."""

    number: int
    settings: Settings
    from_members: int = 2_000


def usual_processes() -> int:
    """One for each processor, MOST_PROCESSES at most."""
    return min(os.cpu_count() or 1, MOST_PROCESSES)


async def backtest(
    pool: asyncpg.Pool,
    plan: Plan,
    now: datetime,
    keyring: Keyring,
    progress: Progress = lambda *_: None,
    features: Iterable[Feature] = FEATURES,
    *,
    zone: ZoneInfo,
    processes: Processes | None = None,
) -> Backtest:
    """Replay the plan, calling `progress(members done, of how many)` meanwhile. It only reads.

    With `processes` the members are shared out among them; they know the features of the program alone.
    """
    found, ahead = Backtest(), 0
    async with snapshot(pool) as connection, AsyncExitStack() as stack:
        found.held_then = await connection.fetchval(HELD)
        total: int = await connection.fetchval(MEMBERS, plan.since)
        if processes is not None and processes.number > 1 and total >= processes.from_members:
            many = crew(connection, plan, now, processes.settings, processes.number)
            decide: Page = await stack.enter_async_context(many)
            ahead = PAGES_AHEAD * processes.number
        else:
            stage = await stage_of(connection, plan, now, keyring, zone, features)
            decide = partial(suppose_page, connection, stage)
        waiting: deque[asyncio.Future[Backtest]] = deque()
        async for ids in pages_of(members_of(connection, Scope(since=plan.since), Span(0, 0))):
            waiting.append(asyncio.ensure_future(decide(ids)))
            while len(waiting) > ahead:
                await _join_first(waiting, found, total, progress)
        while waiting:
            await _join_first(waiting, found, total, progress)
    return found


async def _join_first(
    waiting: deque["asyncio.Future[Backtest]"], found: Backtest, total: int, progress: Progress
) -> None:
    found.join(await waiting.popleft())
    progress(found.members, total)
