"""The packs of the programme, with those that a member has taken."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from loyalty.earning.packs.meters import name_of, taken_in
from loyalty.earning.packs.rule import Pack
from loyalty.earning.packs.words import pack_sentence
from loyalty.programme.in_force.live import LiveRules

SELECT_METERS = """
SELECT name, period, value FROM meter WHERE member_id = $1 AND name = ANY($2::text[]) AND value > 0
"""


@dataclass(frozen=True)
class PackInHand:
    """A pack that works up to the day before `until`, and may still bring `points_left`."""

    until: date
    points_left: int


@dataclass(frozen=True)
class PackView:
    """A pack that can be taken, `left` times more in this year, and those of the kind that work now."""

    id: str
    name: str
    rule: str
    price_points: int
    left: int
    working: list[PackInHand]


async def packs_of(database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime) -> list[PackView]:
    """The programme's packs in their order, as the member sees them on the business day of `now`."""
    packs, today = live.rules.packs, live.day(now)
    names = [name for pack in packs for name in (name_of(pack.id), taken_in(pack, today).name)]
    rows = await database.fetch(SELECT_METERS, member_id, names)
    values = {(row["name"], row["period"]): row["value"] for row in rows}
    return [_view(pack, values, live, today) for pack in packs]


def _view(pack: Pack, values: dict[tuple[str, str], int], live: LiveRules, today: date) -> PackView:
    key = taken_in(pack, today)
    hands = [
        PackInHand(date.fromisoformat(period), value)
        for (name, period), value in sorted(values.items())
        if name == name_of(pack.id) and date.fromisoformat(period) > today
    ]
    left = max(0, pack.per_year - values.get((key.name, key.period), 0))
    return PackView(pack.id, pack.name, pack_sentence(pack, live.rules), pack.price_points, left, hands)
