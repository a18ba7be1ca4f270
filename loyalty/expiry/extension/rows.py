"""What an extension reads: whether the day was extended before, and lots in which nothing remains because they have lapsed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.lots import OF_LOT, Lot, lot_of
from loyalty.ledger.writes import MeterKey

EXTENSIONS: Final = "extensions"
SELECT_LOTS: Final = f"""
SELECT {OF_LOT} FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day)
JOIN lot l ON l.member_id = u.member_id AND l.expires_on = u.day
"""  # noqa: S608  # names of our own columns


def extended(day: date) -> MeterKey:
    """The meter of extensions of the points that lapse on a day; it is 1 after the one that is possible."""
    return MeterKey(EXTENSIONS, day.isoformat())


async def _lots(request: ReadRequest) -> Mapping[int, Sequence[Lot]]:
    commands: list[Any] = [one.command for one in request.commands]
    found: dict[int, list[Lot]] = defaultdict(list)
    days = [one.expires_on for one in commands]
    for row in await request.connection.fetch(SELECT_LOTS, request.members, days):
        found[row["member_id"]].append(lot_of(row))
    return found


def _lots_in(past: Past, one: DatedCommand, _: object) -> Sequence[Lot]:
    command: Any = one.command
    return [lot for key, lot in past.lots.items() if key.expires_on == command.expires_on]


LOTS_OF_DAY: Final = Read[Sequence[Lot]]("the lots that lapse on the command's day", _lots, (), fold=_lots_in)
