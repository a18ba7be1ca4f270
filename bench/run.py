"""`jifen bench`: runs the requested measures one after the other, on servers of its own."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.progress import Progress

from bench import data
from bench.bench import Bench, Size
from bench.dataset import make_dataset
from bench.errors import BenchError, Interrupted
from bench.ground import Ground, check_disk, open_ground, settings_in_force
from bench.machine import machine
from bench.measure import Row
from bench.measures import Measure, specs

TERMINATED = 143
FAILURES = (BenchError, asyncpg.PostgresError, OSError)
"""Reasons for which one measure fails and the others go on: wrong answers, a full disk, a database that ended."""

LARGE = 500_000
"""From this many members on, an extra start of the database with the settings for filling saves time."""


def run_bench(folder: Path, size: Size, measures: list[Measure], console: Console) -> dict[str, Any]:
    """Run the measures; returns their rows, the machine and the settings. Progress goes to the console; all data are deleted.

    A measure that fails, or that Ctrl-C interrupts, is named under `failed` with its reason; the rows of the others are kept.
    Raises the first failure (one of `FAILURES`) where nothing was measured at all.
    """
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(TERMINATED)
    )  # like Ctrl-C, so that all servers and children are stopped
    about = machine(folder)
    run = _Run(folder, size, console)
    for group in ([one for one in measures if not one.alone], *([one] for one in measures if one.alone)):
        if group:
            run.make_and_keep(group)
    if not run.rows and run.error:
        raise run.error
    order = [measure.name for measure in measures]
    shown = ("quick", "members", "seconds", "rounds", "connections")
    return {
        "machine": about,
        "settings": run.settings,
        "size": {name: getattr(size, name) for name in shown},
        "rows": [row.as_json() for row in sorted(run.rows, key=lambda row: order.index(row.name))],
        "failed": run.failed,
    }


class _Run:
    """Runs measures group by group, each group on servers of its own."""

    def __init__(self, folder: Path, size: Size, console: Console) -> None:
        self._folder, self._size, self._console = folder, size, console
        self._began = time.monotonic()
        self.rows: list[Row] = []
        self.failed: list[dict[str, str]] = []
        self.error: Exception | None = None
        self.interrupted = False
        self.settings: dict[str, str] = {}

    def make_and_keep(self, measures: list[Measure]) -> None:
        """Run the measures of a group; a group whose data cannot be prepared fails as a whole, and the rows so far are kept."""
        try:
            if self.interrupted:
                raise KeyboardInterrupt
            self.make(measures)
        except FAILURES as error:
            self._fail(measures, error)
        except KeyboardInterrupt:
            self.interrupted = True
            self._fail(measures, Interrupted("按 Ctrl-C 中断，没有测完"))

    def make(self, measures: list[Measure]) -> None:
        """Fill the databases that the measures need, then run the measures one after the other."""
        needed = specs(measures, self._size)
        members = sum(spec.usual_members for spec in needed.values())
        check_disk(self._folder, members)

        def build(ground: Ground) -> None:
            for spec in needed.values():
                self._say(f"建立 {spec.members:,} 位会员的账本（{spec.name}）……")
                with _shown_on(self._console) as progress:
                    make_dataset(ground, spec, progress)

        with open_ground(self._folder, build, large=members >= LARGE) as ground, ExitStack() as until_end:
            bench = Bench(ground, self._size, self._say, needed, until_end)
            self.settings = asyncio.run(settings_in_force(ground.database_url))
            for measure in measures:
                self._say(f"开始 {measure.name}")
                try:
                    self.rows.append(measure.make(bench))
                except FAILURES as error:
                    self._fail([measure], error)
        self._say("完成")

    def _fail(self, measures: list[Measure], error: Exception) -> None:
        """Note the measures of these that have neither a row nor a reason yet as failed."""
        self.error = self.error or error
        known = {row.name for row in self.rows} | {one["name"] for one in self.failed}
        for measure in measures:
            if measure.name not in known:
                self.failed.append(
                    {"name": measure.name, "error": type(error).__name__, "reason": str(error)}
                )
                self._say(f"{measure.name} 没有测成：{error}")

    def _say(self, what: str) -> None:
        seconds = time.monotonic() - self._began
        self._console.print(f"[dim]{seconds:7.1f} s  {what}[/dim]", highlight=False)


@contextmanager
def _shown_on(console: Console) -> Iterator[data.Progress]:
    """A progress bar for as long as the block lasts."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
