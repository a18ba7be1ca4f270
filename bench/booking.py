"""Runs a worker's sweep over members whose points have lapsed, as the nightly job does, without the worker."""

import asyncio
import time
from typing import Any

from base.clock import SystemClock
from base.garbage import tune_garbage_collection
from base.settings import Settings, load_settings
from bench.child import child_main
from bench.cpu import own_cpu_s
from runtime.resources import Resources, open_resources
from tasks.expiry import expire_points
from tasks.sweeps import START, SWEEP_LANES

RECORDED = "SELECT sum(version)::bigint FROM account"


async def book(plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Run the expiry job for at most `seconds`, or until no lapsed points are left.

    Returns the number of members whose expiry was recorded (`booked`; each raises its account's version by one), the rate per
    second, whether nothing was left (`done`), and the CPU seconds of this process.
    """
    async with open_resources(settings, SystemClock(), lanes=SWEEP_LANES) as resources:
        tune_garbage_collection()  # as the worker does
        before = await resources.pool.fetchval(RECORDED)
        cpu_s, began = own_cpu_s(), time.perf_counter()
        done = await _sweep(resources, plan["seconds"])
        took_s, cpu_s = time.perf_counter() - began, own_cpu_s() - cpu_s
        # The engine finished the last page after the elapsed time was measured, so this counts at most one page too many.
        booked = await resources.pool.fetchval(RECORDED) - before
    return {"per_second": booked / took_s, "booked": booked, "done": done, "cpu_s": cpu_s}


async def _sweep(resources: Resources, seconds: float) -> bool:
    """Continue the sweep until it is done (True) or time is up (False)."""
    try:
        async with asyncio.timeout(seconds):
            mark = await expire_points(resources, resources.clock.now(), START)
            while mark is not None:
                mark = await expire_points(resources, resources.clock.now(), mark)
    except TimeoutError:
        return False
    return True


if __name__ == "__main__":
    child_main(lambda plan: load_settings(plan["settings"], None), book)
