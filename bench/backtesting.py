"""A process that back-tests the bench's own rules with doubled awards over a database, as `jifen rules backtest` does."""

import json
import os
import resource
import time
from datetime import timedelta
from typing import Any

from base.clock import SystemClock
from base.settings import Settings, load_settings
from bench.child import child_main
from bench.cpu import own_cpu_s, peak_mib
from bench.dataset import RULES
from loyalty.backtest import Plan, Processes, backtest, usual_processes
from loyalty.programme.files.reading import read_rules
from loyalty.programme.rules import RuleSet
from models.database import open_database


async def suppose(plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Replay the last `days` and tell what it took.

    `begins_s` is the time until every process has its first page done, `per_second` the commands per second from then on, which a
    longer history has as well. `peak_mib` is the memory of all processes at their peaks, `stopped` who could not be decided.
    """
    now, processes, marks = SystemClock().now(), usual_processes(), list[tuple[float, int]]()
    cpu_s, began = own_cpu_s(), time.perf_counter()
    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        found = await backtest(
            pool,
            Plan(_doubled(), now - timedelta(days=plan["days"])),
            now,
            settings.keyring,
            lambda done, _: marks.append((time.perf_counter() - began, done)),
            zone=settings.timezone,
            processes=Processes(processes, settings, from_members=0),
        )
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    begins_s, first = marks[min(processes, len(marks)) - 1]
    ends_s, members = marks[-1]
    rate = found.receipts / max(members, 1) * (members - first) / max(ends_s - begins_s, 1e-9)
    return {
        "receipts": found.receipts,
        "processes": processes,
        "seconds": round(ends_s, 2),
        "begins_s": round(begins_s, 2),
        "per_second": round(rate, 1),
        "cpu_s": round(own_cpu_s() - cpu_s + children.ru_utime + children.ru_stime, 2),
        "peak_mib": round(peak_mib(os.getpid()) + processes * children.ru_maxrss / 1024, 1),
        "stopped": dict(found.stopped),
    }


def _doubled() -> RuleSet:
    body = read_rules(RULES).model_dump(mode="json", by_alias=True)
    body["earning"][0]["award"]["points"] *= 2
    return RuleSet.model_validate_json(json.dumps(body))


if __name__ == "__main__":
    child_main(lambda plan: load_settings(plan["settings"], None), suppose)
