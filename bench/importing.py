"""Imports a file of balances as `jifen import balances` does, without the command line."""

import os
import time
from pathlib import Path
from typing import Any

from base.clock import SystemClock
from base.garbage import OF_MANY_ROWS, tune_garbage_collection
from base.settings import Settings, load_settings
from bench.child import child_main
from bench.cpu import family_cpu_s
from loyalty.ledger.calendar import business_day
from loyalty.opening import open_engine
from models.database import open_database
from moving.balances import BALANCES
from moving.columns import map_columns
from moving.importing import BATCH, bookers_for, check_table, go_through
from moving.kind import Import
from moving.opening import open_sheet
from moving.persons import Providers


async def bring(plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Check and book the file.

    Returns the lines booked (`booked`), their rate per second over both passes, and the CPU seconds of this process and its
    booking processes.
    """
    async with (
        open_database(settings.database_url or "") as pool,
        open_engine(pool, SystemClock(), settings.timezone, settings.keyring, batch_size=BATCH) as engine,
        bookers_for(plan["lines"], settings, SystemClock()) as bookers,
    ):
        tune_garbage_collection(OF_MANY_ROWS)  # as the command does
        if bookers is not None:
            await bookers.started()
        cpu_s, began = family_cpu_s(os.getpid()), time.perf_counter()
        sheet = open_sheet(Path(plan["file"]))
        mapped = map_columns(sheet.header, BALANCES.fields, {})
        providers = Providers(settings.oa_app_id, settings.miniapp_app_id, None)
        today = business_day(engine.clock.now(), settings.timezone)
        into = Import(engine, pool, settings.timezone, providers, sheet.digest, today, bookers)
        mapped = check_table(BALANCES, sheet, mapped, into)
        for apply in (False, True):
            report = await go_through(BALANCES, sheet, mapped, into, apply=apply, tell=lambda _: None)
        took_s, cpu_s = time.perf_counter() - began, family_cpu_s(os.getpid()) - cpu_s
    return {"per_second": report.done / took_s, "booked": report.done, "bad": report.bad, "cpu_s": cpu_s}


if __name__ == "__main__":
    child_main(lambda plan: load_settings(plan["settings"], None), bring)
