"""`jifen bench`: the measures asked for, one after the other, on servers of its own."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from jifen.runtime.bench import data
from jifen.runtime.bench.bench import Bench, Size
from jifen.runtime.bench.dataset import make_dataset
from jifen.runtime.bench.ground import Ground, open_ground, settings_in_force
from jifen.runtime.bench.machine import machine
from jifen.runtime.bench.measures import Measure, specs

LARGE = 500_000
"""From so many members on a dataset is worth a start of the database under settings for building."""


def run_bench(folder: Path, size: Size, measures: list[Measure], console: Console) -> dict[str, Any]:
    """Measure; what came of it, with the machine and its settings. Progress goes to the console; the data are gone afterwards."""
    began = time.monotonic()
    needed = specs(measures, size)

    def say(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s  {what}[/dim]", highlight=False)

    def build(ground: Ground) -> None:
        for spec in needed.values():
            say(f"建立 {spec.members:,} 位会员的账本（{spec.name}）……")
            with shown_on(console) as progress:
                make_dataset(ground, spec, progress)

    large = sum(spec.members for spec in needed.values()) >= LARGE
    with open_ground(folder, build, large=large) as ground:
        bench = Bench(ground, size, say, needed)
        settings = asyncio.run(settings_in_force(ground.database_url))
        for measure in measures:
            say(f"开始 {measure.name}")
            bench.rows.append(measure.make(bench))
        say("完成")
        return {
            "machine": machine(folder),
            "settings": settings,
            "size": {
                "quick": size.quick,
                "members": size.members,
                "seconds": size.seconds,
                "rounds": size.rounds,
            },
            "rows": [row.told() for row in bench.rows],
        }


@contextmanager
def shown_on(console: Console) -> Iterator[data.Progress]:
    """A progress bar for as long as the block lasts."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
