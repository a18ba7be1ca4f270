"""A process that back-tests the bench's own rules with doubled awards over a database, as `jifen rules backtest` does."""

import json
import os
import time
from datetime import timedelta
from typing import Any

from base.clock import SystemClock
from base.settings import Settings, load_settings
from bench.child import child_main
from bench.cpu import own_cpu_s, peak_mib
from bench.dataset import RULES
from loyalty.backtest import Plan, backtest
from loyalty.programme.files import read_rules
from loyalty.programme.rules import RuleSet
from models.database import open_database


async def suppose(plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Replay the last `days`; returns commands, seconds, CPU seconds and peak memory, and who could not be decided (`stopped`)."""
    now, cpu_s, began = SystemClock().now(), own_cpu_s(), time.perf_counter()
    async with open_database(settings.database_url or "", command_timeout_s=None) as pool:
        found = await backtest(
            pool,
            Plan(_doubled(), now - timedelta(days=plan["days"])),
            now,
            settings.keyring,
            zone=settings.timezone,
        )
    return {
        "receipts": found.receipts,
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_s": round(own_cpu_s() - cpu_s, 2),
        "peak_mib": round(peak_mib(os.getpid()), 1),
        "stopped": dict(found.stopped),
    }


def _doubled() -> RuleSet:
    body = read_rules(RULES).model_dump(mode="json", by_alias=True)
    body["earning"][0]["award"]["points"] *= 2
    return RuleSet.model_validate_json(json.dumps(body))


if __name__ == "__main__":
    child_main(lambda plan: load_settings(plan["settings"], None), suppose)
