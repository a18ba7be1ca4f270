"""Importing balances: each line grants points, which lapse on a day of their own or by the rule of the programme."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, NamedTuple

from loyalty.engine.outcomes import Refusal
from loyalty.engine.refusals import AlreadyDone
from loyalty.imports.commands import SCOPE, ImportBalance
from loyalty.ledger.calendar import NEVER
from moving.columns import PERSONS
from moving.enrolling import members_of
from moving.kind import ALREADY, DONE, Booked, Import, Kind, Line
from moving.members import arriving
from moving.reading import Reading
from moving.sheet import Cell
from moving.values import day, last_day, whole_number

MOST_POINTS: Final = 100_000_000
"""What one line may bring: a billion yuan's worth is a typing error."""
HALVES: Final = """
SELECT member_id, other_id FROM merged_half WHERE member_id = ANY($1::bigint[]) AND split_no IS NULL
"""
OTHER_FILES: Final = """
SELECT DISTINCT member_id FROM receipt
WHERE member_id = ANY($1::bigint[]) AND scope = $2 AND accepted AND NOT starts_with(ref, $3)
"""


class BalanceItem(NamedTuple):
    """The points of a row, the first day on which they are gone, None for the programme's own rule, and the growth value.

    In a table without a column of growth a row brings as much of it as points.
    """

    points: int
    expires_on: date | None
    growth: int | None = None


def _points(cell: Cell, title: str) -> int:
    return whole_number(cell, title, 0, MOST_POINTS)


def _read(reading: Reading, today: date) -> BalanceItem:
    points = reading.required("points", _points)
    last = reading.value("last_day", last_day)
    if last is not None and last < today:
        reading.faults.append(f"到期日 {last} 已经过了")
    if reading.value("opens_on", day) is not None:
        reading.faults.append("还没有到账的积分不能导入")
    expires_on = last if last in (None, NEVER) else last + timedelta(days=1)
    growth = (reading.value("growth", _points) or 0) if reading.has("growth") else None
    return BalanceItem(points or 0, expires_on, growth)


async def _check(into: Import, lines: Sequence[Line]) -> Mapping[int, str]:
    """Members who have points of another file: most likely the same balances are imported once more."""
    members = [line.member_id for line in lines if line.member_id is not None]
    owners = {row["other_id"]: row["member_id"] for row in await into.pool.fetch(HALVES, members)}
    rows = await into.pool.fetch(OTHER_FILES, [*members, *owners], SCOPE, f"{into.digest}:")
    found = {owners.get(row["member_id"], row["member_id"]) for row in rows}
    return {
        line.number: f"会员 {line.member_id} 已经从另一个文件导入过期初积分；确实还要再加，请写 --again"
        for line in lines
        if line.member_id in found
    }


async def _book(into: Import, lines: Sequence[Line]) -> Booked:
    async with into.turn:
        members, created = await members_of(into, lines, lambda line: arriving(into, line))
        now = into.engine.clock.now()
        commands = {
            line.number: ImportBalance(
                member_id=member_id,
                request_key=f"import:{into.digest}:{line.number}",
                at=now,
                actor="operator",
                file=into.digest,
                line=line.number,
                points=line.item.points,
                expires_on=line.item.expires_on,
                growth=line.item.growth,
            )
            for line, member_id in zip(lines, members, strict=True)
            if line.item.points or line.item.growth
        }
        running = into.run_all(commands.values())
    decisions = await running
    fates = {line.number: DONE for line in lines}
    for number, decision in zip(commands, decisions, strict=True):
        if isinstance(decision.outcome, AlreadyDone) or decision.replayed:
            fates[number] = ALREADY
        elif isinstance(decision.outcome, Refusal):
            fates[number] = decision.outcome.sentence
    return Booked(fates, created)


BALANCES: Final = Kind(
    "balances",
    "积分余额",
    fields=(*PERSONS, "points", "last_day", "growth", "opens_on"),
    needed=("points",),
    read=_read,
    same=lambda item: str(item.expires_on or ""),
    repeated="同一位会员、同一个到期日",
    points=lambda item: int(item.points),
    check=_check,
    book=_book,
)


async def _unchecked(_: Import, __: Sequence[Line]) -> Mapping[int, str]:
    return {}


BALANCES_AGAIN: Final = replace(BALANCES, check=_unchecked)
"""Balances that members get also if they have points of another file."""
