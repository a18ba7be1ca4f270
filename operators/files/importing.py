"""Importing a file for an operator: checked first, booked only when asked, and logged. `moving` reads and books."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loyalty.ledger.calendar import business_day
from loyalty.ledger.words import number
from loyalty.opening import open_engine
from moving.balances import BALANCES
from moving.columns import FIELDS, PERSONS, Mapped, hand_mapping, map_columns
from moving.importing import BATCH, Report, check_table, go_through
from moving.kind import Import, Kind
from moving.members import MEMBERS
from moving.opening import open_sheet
from moving.orders import ORDERS
from moving.persons import Providers, provider_of_external
from moving.problems import CannotBegin
from moving.segments import SEGMENTS
from moving.sheet import Sheet
from operators.desk import Desk
from operators.roles import Action

KINDS: Final[dict[str, Kind]] = {one.name: one for one in (MEMBERS, BALANCES, ORDERS, SEGMENTS)}
"""What can be imported, by name."""
LANES: Final = 2
"""Transactions at a time: the console's database connections are few."""
Tell = Callable[[int, int | None], None]
"""Hears how many rows have been dealt with, and of how many, if that is known."""


@dataclass(frozen=True)
class Table:
    """An uploaded file, opened: its kind, its columns, and the other system whose member numbers it has."""

    kind: Kind
    sheet: Sheet
    mapped: Mapped
    external: str | None


def open_table(kind: str, path: Path, external: str = "", by_hand: str = "") -> Table:
    """Open an uploaded file. Raises CannotBegin.

    `external` names the system whose member numbers it has; `by_hand` says what columns are, as 列名=字段, between commas.
    """
    if kind not in KINDS:
        raise CannotBegin("请选要导入什么：会员、积分余额、订单或人群。")
    provider = provider_of_external(external or None)
    sheet = open_sheet(path)
    fields = KINDS[kind].fields
    words = [word.strip() for word in re.split("[,，\n]", by_hand) if word.strip()]
    return Table(KINDS[kind], sheet, map_columns(sheet.header, fields, hand_mapping(words, fields)), provider)


async def go_over(desk: Desk, table: Table, tell: Tell, *, apply: bool) -> Report:
    """Check every row; with `apply` also book the good ones, on an engine of its own, and log it.

    A pass that was stopped is simply made again: what was booked is not booked twice. Raises NotAllowed, CannotBegin and
    EngineUnavailable.
    """
    await desk.require(Action.IMPORT)
    settings, pool = desk.resources.settings, desk.resources.pool
    done = 0

    def told(rows: int) -> None:
        nonlocal done
        done += rows
        tell(done, table.sheet.about)

    if apply:
        after = {"does": "begin", "kind": table.kind.name, "file": table.sheet.path.name}
        await desk.change(
            lambda connection: desk.note(connection, Action.IMPORT, table.sheet.digest[:16], after=after)
        )
    async with open_engine(
        pool, desk.resources.clock, settings.timezone, settings.keyring,
        clock_tolerance=settings.clock_tolerance, batch_size=BATCH, lanes=LANES,
    ) as engine:  # fmt: skip
        await engine.check_clock()
        providers = Providers(settings.oa_app_id, settings.miniapp_app_id, table.external)
        today = business_day(desk.now(), settings.timezone)
        into = Import(engine, pool, settings.timezone, providers, table.sheet.digest, today)
        mapped = check_table(table.kind, table.sheet, table.mapped, into)
        report = await go_through(table.kind, table.sheet, mapped, into, apply=apply, tell=told)
    if apply:
        sums: dict[str, object] = {
            "done": report.done,
            "already": report.already,
            "bad": report.bad,
            "created": report.created,
        }
        sums |= {"does": "end", "kind": table.kind.name, "file": table.sheet.path.name}
        await desk.change(
            lambda connection: desk.note(connection, Action.IMPORT, table.sheet.digest[:16], after=sums)
        )
    return report


def header_told(kind: str) -> str:
    """Which columns a file of this kind needs and may have, by their titles."""
    needed = [FIELDS[name].title for name in KINDS[kind].needed]
    persons = [FIELDS[name].title for name in PERSONS]
    others = [
        FIELDS[name].title for name in KINDS[kind].fields if name not in (*PERSONS, *KINDS[kind].needed)
    ]
    may = f"；可以有{'、'.join(others)}" if others else ""
    return f"要有{'、'.join([*needed, '一个认得出会员的号'])}（{'、'.join(persons)}）{may}。"


def columns_told(table: Table) -> str:
    """Which column is used as what, and which are not used."""
    header = table.sheet.header
    pairs = "，".join(
        f"{header[place]} → {FIELDS[field].title}" for field, place in table.mapped.places.items()
    )
    unused = f"；没有用到：{'、'.join(table.mapped.unused)}" if table.mapped.unused else ""
    return f"各列：{pairs or '都不认得'}{unused}。"


def report_told(table: Table, report: Report) -> list[str]:
    """What a pass came to, line by line."""
    points = f"，积分合计 {number(report.points)}" if "points" in table.kind.needed else ""
    lines = []
    if report.applied:
        lines.append(
            f"已导入 {number(report.done)} 行，以前已经有的 {number(report.already)} 行，"
            f"新建会员 {number(report.created)} 位；会员 {number(report.persons)} 位{points}。"
        )
    else:
        good = report.rows - report.bad
        lines.append(
            f"这是试算，什么也没有写。共 {number(report.rows)} 行，可以导入 {number(good)} 行，"
            f"会员 {number(report.persons)} 位{points}。"
        )
    lines += [f"第 {line} 行：{reason}。" for line, reason in report.first_bad]
    if report.bad > len(report.first_bad):
        lines.append(f"还有 {number(report.bad - len(report.first_bad))} 行有问题，没有列出。")
    return lines
