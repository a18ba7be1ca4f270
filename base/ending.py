"""Ending background tasks for certain, also tasks that lost a cancellation."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_AFTER_S: Final = 1.0
"""How long a cancelled task may clean up before it is cancelled again."""


async def end_tasks(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel the tasks and wait until all have ended; their errors are dropped.

    A task that still runs AGAIN_AFTER_S later is cancelled again, because a cancellation can get lost: `asyncio.wait_for`, which
    redis-py uses for every command, drops one that arrives as its inner future is done (https://github.com/python/cpython/issues/86296,
    mended in Python 3.12). An endless task would then go on, and whoever waits for its end would wait for ever.
    """
    ending = remaining = set(tasks)
    while remaining:
        for task in remaining:
            task.cancel()
        _, remaining = await asyncio.wait(remaining, timeout=AGAIN_AFTER_S)
    await asyncio.gather(*ending, return_exceptions=True)
