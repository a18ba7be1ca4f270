"""Pools: numbers that all members share and that can run out, such as the pieces of a reward or a day's budget.

The table is called `stock`, a row is a pool, `item` its name. A batch decides its commands one after the other on one copy of its
pools in memory. `store` then takes from the rows what the commands took, as its last step, so that the rows are locked briefly.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import asyncpg

from loyalty.ledger.writes import Writes
from models.rules import Stock

SELECT_POOLS = "SELECT item, stocked - taken AS left FROM stock WHERE item = ANY($1::text[])"
MAKE_POOLS = """
INSERT INTO stock (item, stocked) SELECT u.item, u.stocked FROM unnest($1::text[], $2::bigint[]) AS u(item, stocked)
ON CONFLICT (item) DO NOTHING
"""
TAKE = """
UPDATE stock s SET taken = s.taken + u.n FROM unnest($1::text[], $2::bigint[]) AS u(item, n)
WHERE s.item = u.item AND s.taken + u.n <= s.stocked RETURNING s.item
"""


class PoolShort(Exception):
    """A pool holds less than the batch assumed when it was decided: decide the whole batch again."""


class Pools:
    """What is left in the pools that one batch may use; what earlier commands of the batch took is not there for later ones."""

    def __init__(self, left: Mapping[str, int], unmade: Mapping[str, int]) -> None:
        """`left`: what the rows hold, by name. `unmade`: pools that have no row yet, with the size of the row to make."""
        self._left = {**unmade, **left}
        self._unmade = unmade
        self._taken: Counter[str] = Counter()
        self._refused_for: set[str] = set()

    def short_of(self, name: str, count: int, writes: Writes) -> int | None:
        """None if the pool has `count` more for the command with these `writes`, else how many are left for it.

        Raises KeyError for a pool that the command's handler did not name.
        """
        others_left = self._left[name] - self._taken[name]
        left = others_left - writes.pools.get(name, 0)
        if left >= count:
            return None
        self._refused_for.add(name)
        writes.short[name] = others_left
        return max(left, 0)

    def commit(self, writes: Writes) -> None:
        """Count what an accepted command took or returned."""
        for name, count in writes.pools.items():
            self._taken[name] += count

    def caused_refusal(self, writes: Writes) -> bool:
        """Whether another command of the batch found too few in a pool that `writes` took from; false if nothing was taken."""
        return any(count > 0 and name in self._refused_for for name, count in writes.pools.items())

    def unmade(self, names: Iterable[str]) -> dict[str, int]:
        """Those of `names` that have no row yet, each with the size to make it with."""
        return {name: self._unmade[name] for name in names if name in self._unmade}


async def load_pools(connection: asyncpg.Connection, sizes: Mapping[str, int | None]) -> Pools:
    """The pools of these names; a name with a size is a pool whose row is made when it is first needed."""
    rows = await connection.fetch(SELECT_POOLS, sorted(sizes)) if sizes else []
    left = {row["item"]: row["left"] for row in rows}
    return Pools(left, {name: size for name, size in sizes.items() if size is not None and name not in left})


async def take_from_pools(connection: asyncpg.Connection, pools: Pools, taken: Mapping[str, int]) -> None:
    """Take from the rows, or return to them where the number is negative, in the order of names.

    Raises PoolShort when a pool holds less than is to be taken, LookupError when there is no row to return to.
    """
    names = sorted(name for name, count in taken.items() if count)
    if not names:
        return
    if unmade := pools.unmade(names):
        await connection.execute(MAKE_POOLS, list(unmade), list(unmade.values()))
    rows = await connection.fetch(TAKE, names, [taken[name] for name in names])
    missing = set(names) - {row["item"] for row in rows}
    if any(taken[name] < 0 for name in missing):
        raise LookupError(f"no pool to give back to: {sorted(missing)}")
    if missing:
        raise PoolShort


async def pools_left(sizes: Mapping[str, int | None]) -> dict[str, int | None]:
    """What is left in each pool, for display; None is unlimited.

    `sizes` has each pool's size by the rules in force, which the row has only after a command or the worker put them in force.
    """
    limited = [name for name, size in sizes.items() if size is not None]
    rows = await Stock.filter(item__in=limited) if limited else []
    taken = {row.item: row.taken for row in rows}
    return {name: size and max(size - taken.get(name, 0), 0) for name, size in sizes.items()}
