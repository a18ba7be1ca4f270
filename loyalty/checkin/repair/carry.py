"""Signed days that follow a member who is merged into another: a day counts once, and a row of days goes on.

A day that the other lacks is inserted like a mended one: the days after it count more in a row. Only the last two weeks come along,
because older days are of no consequence for any decision, and the shift of a row reaches no further. The days stay when a merge is
undone: later sign-ins have counted on from them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from loyalty.checkin.repair.rows import SELECT_RECENT
from loyalty.checkin.repair.streaks import ONE_DAY, SignedDay
from loyalty.checkin.rows import CHECK_INS, LONGEST_SHIFT_DAYS, REPAIRS, CheckInRow, RepairRow, signed_days
from loyalty.engine.carry import Carry, Leave
from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet

WINDOW: Final = timedelta(days=LONGEST_SHIFT_DAYS)


async def _signed(request: ReadRequest) -> Mapping[int, Sequence[SignedDay]]:
    oldest = [one.day - WINDOW - ONE_DAY for one in request.commands]
    days: dict[int, list[SignedDay]] = defaultdict(list)
    for member_id, *signed in await request.connection.fetch(SELECT_RECENT, request.members, oldest):
        days[member_id].append(SignedDay(*signed))
    return days


def _signed_in(past: Past, one: DatedCommand, _: object) -> Sequence[SignedDay]:
    days = signed_days(past, one.day - WINDOW - ONE_DAY)
    return [SignedDay(day, streak, points) for day, streak, points, _carried in days]


SIGNED: Final = Read[Sequence[SignedDay]](
    "the signed days of the last two weeks", _signed, (), fold=_signed_in
)


def give(_: Wallet, scene: Scene[Any], leave: Leave) -> list[list[Any]]:
    """The signed days of the last two weeks, as (day, days in a row, points); none when a merge is undone."""
    if leave.since is not None:
        return []
    return [[one.day.isoformat(), one.streak, one.points] for one in scene.recall(SIGNED)]


def take(wallet: Wallet, scene: Scene[Any], brought: Sequence[Sequence[Any]] | None) -> None:
    """Insert the days that this member lacks."""
    days = [SignedDay(date.fromisoformat(day), streak, points) for day, streak, points in brought or ()]
    recent = [one for one in days if one.day > wallet.today - WINDOW]
    check_ins, shifts = join(scene.recall(SIGNED), recent)
    for check_in in check_ins:
        wallet.writes.add(CHECK_INS, check_in)
    for shift in shifts:
        wallet.writes.add(REPAIRS, shift)


def join(own: Sequence[SignedDay], brought: Sequence[SignedDay]) -> tuple[list[CheckInRow], list[RepairRow]]:
    """The brought days that are missing among `own`, and by how much they lengthen the rows of own days after them."""
    streaks = {one.day: one.streak for one in own}
    mine = set(streaks)
    check_ins: list[CheckInRow] = []
    shifts: list[RepairRow] = []
    for day, streak, points in sorted(brought):
        if day in mine:
            continue
        streaks[day] = max(streak, streaks.get(day - ONE_DAY, 0) + 1)
        check_ins.append(CheckInRow(day, streaks[day], points, carried=True))
        longer, through = streaks[day] + 1 - streaks.get(day + ONE_DAY, 0), day
        if day + ONE_DAY in mine and longer > 0:
            while through + ONE_DAY in mine:
                through += ONE_DAY
                streaks[through] += longer
            shifts.append(RepairRow(day, through, longer, None))
    return check_ins, shifts


CARRY: Final = Carry(give, take, gives_by=(SIGNED,), takes_by=(SIGNED,))
