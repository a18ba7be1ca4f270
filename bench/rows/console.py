"""The reads of operators in a whole shop of a million members and thirty million entries.

Each read has a bar in milliseconds; there is no pair of runs to compare.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from bench.bench import Bench, Size
from bench.dataset import SHOP, Dataset, Spec
from bench.ground import bench_settings
from bench.measure import Row
from bench.reads import BARS_MS, Read, office_of, reads
from bench.watching import Watched, watching
from models.database import open_database

BAR = 1.0
PATIENCE_S = 120.0


def datasets(size: Size) -> tuple[Spec, ...]:
    """A shop with the requested number of members, and 30 entries for each."""
    return (Spec(SHOP, size.members, variation=SHOP),)


def measure(bench: Bench) -> Row:
    """The read that comes nearest to its bar; the milliseconds of each, and the large tables that it scans from end to end."""
    dataset = bench.dataset(SHOP)
    found = asyncio.run(_read_all(bench, dataset))
    bench.drop(SHOP)
    facts: dict[str, Any] = {
        "members": dataset.members,
        "over_their_bar": [read.name for read, watched in found if watched.median_ms > BARS_MS[read.kind]],
        "scans": {read.name: sorted(watched.scanned) for read, watched in found if watched.scanned},
        "first_and_median_ms": {
            read.name: [round(watched.first_ms, 1), round(watched.median_ms, 1)] for read, watched in found
        },
    }
    worst = max(watched.median_ms / BARS_MS[read.kind] for read, watched in found)
    return Row("console", "后台的列表、搜索、总览和报表", worst, BAR, at_most=True, facts=facts)


async def _read_all(bench: Bench, dataset: Dataset) -> list[tuple[Read, Watched]]:
    settings = bench_settings(bench.ground, dataset.name)
    async with open_database(dataset.url, pool_size=2, command_timeout_s=PATIENCE_S) as pool:
        office = await office_of(pool, settings, dataset.programme.rules, datetime.now(UTC))
        async with watching(pool) as watch:
            return [(one, await watch.read(one.run)) for one in reads(office)]
