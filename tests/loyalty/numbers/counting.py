"""Helpers of these tests: count what there is to count, and read the facts."""

from datetime import timedelta
from typing import Any

import asyncpg

from loyalty.changes import SETTLED_AFTER
from loyalty.flows import Flows
from loyalty.numbers.feed import advance, editions
from tests.ledger import ZONE, Ledger

FLOWS = "SELECT flow, sum(points)::bigint, sum(times)::bigint, sum(fen)::bigint FROM daily_fact GROUP BY flow ORDER BY flow"


async def count_all(ledger: Ledger) -> int:
    """Count everything there is in every edition; how many receipts."""
    counted, now = 0, ledger.clock.now() + SETTLED_AFTER + timedelta(seconds=1)
    for edition in await editions(ledger.pool):
        while (step := await advance(ledger.pool, edition, now, ZONE)).receipts:
            counted += step.receipts
    return counted


async def flows_counted(ledger: Ledger) -> dict[str, tuple[int, int, int]]:
    """Points, times and money by flow."""
    return {row[0]: tuple(row)[1:] for row in await ledger.pool.fetch(FLOWS)}


async def facts(ledger: Ledger, **where: Any) -> list[asyncpg.Record]:
    """The daily facts with these dimensions."""
    clauses = "".join(f" AND {name} = ${place}" for place, name in enumerate(where, 1))
    statement = f"SELECT * FROM daily_fact WHERE true{clauses} ORDER BY day, flow, store, rule"  # noqa: S608  # a test's own names
    return list(await ledger.pool.fetch(statement, *where.values()))


def points_of(found: dict[str, tuple[int, int, int]]) -> Flows:
    """The counted points as the ledger's report has them."""
    names = Flows.__dataclass_fields__.keys() - {"vouchers"}
    points = {flow: counted[0] for flow, counted in found.items() if flow in names}
    return Flows(**points, vouchers=found.get("written_off", (0, 0, 0))[1])
