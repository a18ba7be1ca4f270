"""The rows of missions: what a member has finished, and the meters of progress."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.writes import MeterKey, Table
from loyalty.missions.periods import period_of, periods_around
from loyalty.missions.rule import Mission, Step

SELECT_DONE = """
SELECT d.member_id, d.mission, d.period, d.in_a_row
FROM unnest($1::bigint[], $2::text[]) AS u(member_id, period)
JOIN mission_done d ON d.member_id = u.member_id AND d.period = u.period
"""
SELECT_KEPT = """
SELECT d.member_id, d.period, d.mission, d.day, d.in_a_row
FROM unnest($1::bigint[], $2::date[]) AS u(member_id, since)
JOIN mission_done d ON d.member_id = u.member_id AND (d.period = '' OR d.day >= u.since)
ORDER BY d.member_id, d.period, d.mission
"""
CARRIED_FOR: Final = timedelta(days=62)
"""Missions that were finished so long ago matter for no decision, but for those that can be finished once."""

Done = Mapping[tuple[str, str], int]
"""How many periods in a row end with a finished one, by (mission, period)."""


class DoneRow(NamedTuple):
    """A mission that was finished for a period, on a business day; it is the `in_a_row`-th in a row.

    A `carried` one came with a member who was merged into this one, who had its points.
    """

    period: str
    mission: str
    day: date
    in_a_row: int
    points: int
    bonus: int
    carried: bool = False


class KeptDone(NamedTuple):
    """A finished mission that follows its member into another."""

    period: str
    mission: str
    day: date
    in_a_row: int


MISSIONS_DONE: Final = Table("mission_done", DoneRow, key=("period", "mission"))


async def _done(request: ReadRequest) -> Mapping[int, Done]:
    wanted = [(one.command.member_id, period) for one in request.commands for period in _periods(one)]
    members, periods = [member for member, _ in wanted], [period for _, period in wanted]
    found: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for member_id, mission, period, in_a_row in await request.connection.fetch(SELECT_DONE, members, periods):
        found[member_id][mission, period] = in_a_row
    return found


def _periods(one: DatedCommand) -> list[str]:
    command: Any = one.command
    return periods_around(command.done_on)


def _done_in(past: Past, one: DatedCommand, _: object) -> Done:
    around = set(_periods(one))
    rows = past.rows[MISSIONS_DONE].items()
    return {(mission, period): row["in_a_row"] for (period, mission), row in rows if period in around}


DONE: Final = Read[Done](
    "the missions finished in a day's periods and those before", _done, {}, fold=_done_in
)


async def _kept(request: ReadRequest) -> Mapping[int, Sequence[KeptDone]]:
    since = [one.day - CARRIED_FOR for one in request.commands]
    found: dict[int, list[KeptDone]] = defaultdict(list)
    for member_id, *row in await request.connection.fetch(SELECT_KEPT, request.members, since):
        found[member_id].append(KeptDone(*row))
    return found


def _kept_in(past: Past, one: DatedCommand, _: object) -> Sequence[KeptDone]:
    return [
        KeptDone(period, mission, row["day"], row["in_a_row"])
        for (period, mission), row in sorted(past.rows[MISSIONS_DONE].items())
        if not period or row["day"] >= one.day - CARRIED_FOR
    ]


KEPT: Final = Read[Sequence[KeptDone]]("the finished missions that matter still", _kept, (), fold=_kept_in)


def progress_of(mission: Mission, step: Step, day: date) -> MeterKey:
    """The meter of what a member has done for a step in the mission's period around a business day."""
    return MeterKey(f"mission:{mission.id}:{step.action}", period_of(mission.period, day))
