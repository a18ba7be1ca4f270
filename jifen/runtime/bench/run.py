"""`jifen bench`: the measures asked for, one after the other, on servers of its own."""

import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from jifen.runtime.bench.bench import Bench, Size
from jifen.runtime.bench.errors import UnknownMeasure
from jifen.runtime.bench.ground import open_ground
from jifen.runtime.bench.measure import Row
from jifen.runtime.bench.rows import bulk, draws, me, signin

MEASURES: dict[str, Callable[[Bench], Row]] = {
    "signin": signin.measure,
    "draws": draws.measure,
    "bulk": bulk.measure,
    "me": me.measure,
}
QUICK = ("signin", "draws", "bulk", "me")


def chosen(only: str | None, *, quick: bool) -> list[str]:
    """The measures to run, in the table's order. Raises UnknownMeasure."""
    if only is None:
        return list(QUICK if quick else MEASURES)
    names = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := [name for name in names if name not in MEASURES]:
        raise UnknownMeasure(f"没有 {'、'.join(unknown)} 这样的测量；有 {'、'.join(MEASURES)}。")
    return [name for name in MEASURES if name in names]


def run_bench(folder: Path, size: Size, names: list[str], console: Console) -> list[Row]:
    """Measure; progress goes to the console, all data are gone afterwards."""
    began = time.monotonic()
    with Progress(console=console, transient=True) as bar, open_ground(folder) as ground:
        task = bar.add_task("", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        def say(what: str) -> None:
            console.print(f"[dim]{time.monotonic() - began:6.1f} s  {what}[/dim]", highlight=False)

        bench = Bench(ground, size, progress, say)
        for name in names:
            bench.rows.append(MEASURES[name](bench))
        return bench.rows
