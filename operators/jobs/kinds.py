"""The kinds of jobs and their work. Each can be begun again from its row alone; what writes writes every row once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from loyalty.backtest import Plan, backtest
from loyalty.ledger.calendar import business_day
from loyalty.programme.declaring.faults import STORED
from loyalty.programme.rules import RuleSet
from moving.problems import CannotBegin
from operators.desk import Desk
from operators.files.exporting import export_table
from operators.files.importing import Table, columns_told, go_over, open_table, report_told
from operators.jobs.lease import Ended
from operators.jobs.rows import Job
from operators.views.backtests import told

Tell = Callable[[int, int | None], None]
Work = Callable[[Desk, Job, Path, Tell], Awaitable[Ended]]


@dataclass(frozen=True)
class Kind:
    """A kind of job: its work, and whether another process continues it by itself when its own has ended.

    Work that takes as long again from the beginning, or writes personal data into files, is left to a person: they see 中断.
    """

    work: Work
    continued: bool


async def _check_import(desk: Desk, job: Job, folder: Path, tell: Tell) -> Ended:
    table = await _table(job, folder)
    report = await go_over(desk, table, tell, apply=False)
    good = report.rows - report.bad
    return Ended(
        "done",
        [columns_told(table), *report_told(table, report)],
        [report.bad_path.name] if report.bad_path else [],
        f"导入可以导入的 {good:,} 行" if good else "",
    )


async def _import(desk: Desk, job: Job, folder: Path, tell: Tell) -> Ended:
    """Book the good rows. The file is removed when all are booked: the disk holds personal data no longer than it is of use."""
    table = await _table(job, folder)
    report = await go_over(desk, table, tell, apply=True)
    await asyncio.to_thread(table.sheet.path.unlink, missing_ok=True)
    files = [report.bad_path.name] if report.bad_path else []
    return Ended("done", [columns_told(table), *report_told(table, report)], files)


async def _table(job: Job, folder: Path) -> Table:
    given = job.parameters
    path = folder / given["file"]
    if not path.is_file():
        raise CannotBegin("传上来的文件已经不在了，它只保留一天；请再传一次。")
    return await asyncio.to_thread(open_table, given["kind"], path, given["external"], given["by_hand"])


async def _export(desk: Desk, job: Job, folder: Path, tell: Tell) -> Ended:
    given, zone = job.parameters, desk.resources.settings.timezone
    path = folder / f"{given['what']}-{business_day(job.begun_at, zone)}{given['suffix']}"
    await asyncio.to_thread(_make_room, path)
    rows = await export_table(
        desk, given["what"], path, lambda written: tell(written, None), whole_phones=given["whole_phones"]
    )
    return Ended("done", [f"已写出 {rows:,} 行。文件保留一天。"], [path.name])


def _make_room(path: Path) -> None:
    """Make a folder again that was removed after a day, and remove a whole file whose process ended before it could say so."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


async def _backtest(desk: Desk, job: Job, folder: Path, tell: Tell) -> Ended:
    resources, zone = desk.resources, desk.resources.settings.timezone
    await desk.require(job.action)
    rules = RuleSet.model_validate_json(orjson.dumps(job.parameters["rules"]), context=STORED)
    since = datetime.fromisoformat(job.parameters["since"])
    found = await backtest(
        resources.pool, Plan(rules, since), job.begun_at, resources.settings.keyring, tell, zone=zone
    )
    return Ended("done", list(told(found, f"{since.astimezone(zone):%Y-%m-%d %H:%M}", checking=False)))


KINDS: Final[Mapping[str, Kind]] = {
    "check_import": Kind(_check_import, continued=True),
    "import": Kind(_import, continued=True),
    "export": Kind(_export, continued=False),
    "backtest": Kind(_backtest, continued=False),
}
CONTINUED: Final = tuple(name for name, kind in KINDS.items() if kind.continued)
