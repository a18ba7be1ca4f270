"""A member's packs are meters: the points that a pack may still bring, by its kind and by the first day on which it works no more.

So they follow a member who is merged into another, as all meters do.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from loyalty.earning.packs.rule import Pack
from loyalty.ledger.writes import MeterKey


def name_of(pack_id: str) -> str:
    """The name of a kind of pack among meters, awards, and the prices that members were shown."""
    return f"pack:{pack_id}"


def left_in(pack: Pack, until: date) -> MeterKey:
    """The points that a pack may still bring."""
    return MeterKey(name_of(pack.id), until.isoformat())


def working_on(pack: Pack, day: date) -> Iterator[MeterKey]:
    """The meters of packs of this kind that can work on a day, those that end first before others."""
    for ahead in range(1, pack.days + 1):
        yield left_in(pack, day + timedelta(days=ahead))


def taken_in(pack: Pack, day: date) -> MeterKey:
    """The packs of a kind that a member has taken in the year of `day`."""
    return MeterKey(f"packs:{pack.id}", f"{day:%Y}")
