"""The rows that a warning reads: the warnings that the member was given before."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Final

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.writes import MeterKey

WARNINGS: Final = "expiry_warnings"
SELECT_WARNINGS = """
SELECT member_id, period FROM meter WHERE member_id = ANY($1::bigint[]) AND name = $2 AND period >= $3
"""


def warning(lapse_day: date, days: str) -> MeterKey:
    """The meter of a warning about points that lapse on a day, within the range `days`; it is 1 after the warning was given."""
    return MeterKey(WARNINGS, f"{lapse_day.isoformat()}|{days}")


async def _warnings(request: ReadRequest) -> Mapping[int, frozenset[MeterKey]]:
    oldest = min(one.day for one in request.commands).isoformat()
    found: dict[int, set[MeterKey]] = defaultdict(set)
    for row in await request.connection.fetch(SELECT_WARNINGS, request.members, WARNINGS, oldest):
        found[row["member_id"]].add(MeterKey(WARNINGS, row["period"]))
    return {member_id: frozenset(keys) for member_id, keys in found.items()}


def _warnings_in(past: Past, one: DatedCommand, _: object) -> frozenset[MeterKey]:
    oldest = one.day.isoformat()
    return frozenset(
        key for key, given in past.meters.items() if key.name == WARNINGS and key.period >= oldest and given
    )


WARNINGS_GIVEN: Final = Read[frozenset[MeterKey]]("warnings given", _warnings, frozenset(), fold=_warnings_in)
