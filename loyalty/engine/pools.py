"""Pools: numbers that all members share and that can run out, such as the pieces of a reward or a day's budget.

A batch decides its commands one after the other on one copy of the pools. `store` takes from the rows what they took, last of all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import asyncpg

from loyalty.ledger.writes import Writes

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
    """A pool no longer holds what the batch was decided on: decide all of it again."""


class Pools:
    """What is left in the pools that one batch may touch: what earlier commands of the batch took is gone for later ones."""

    def __init__(self, left: Mapping[str, int], unmade: Mapping[str, int]) -> None:
        """`left` by name as the rows say; `unmade`: pools without a row yet, with the size they are made with."""
        self._left = {**unmade, **left}
        self._unmade = unmade
        self._taken: Counter[str] = Counter()
        self._missed: set[str] = set()

    def short_of(self, name: str, count: int, writes: Writes) -> int | None:
        """None if the command that has written `writes` can take `count` more, else what is left for it.

        Raises KeyError for a pool that the command's handler did not name.
        """
        left = self._left[name] - self._taken[name] - writes.pools[name]
        if left >= count:
            return None
        self._missed.add(name)
        return max(left, 0)

    def commit(self, writes: Writes) -> None:
        """Count what an accepted command took or gave back."""
        self._taken.update(writes.pools)

    def misled(self, writes: Writes) -> bool:
        """Whether somebody in the batch went without because of what these `writes`, which will not be stored, took."""
        return any(writes.pools[name] and name in self._missed for name in writes.pools)

    def unmade(self, names: Iterable[str]) -> dict[str, int]:
        """Those of `names` that have no row yet, each with the size to make it with."""
        return {name: self._unmade[name] for name in names if name in self._unmade}


async def load_pools(connection: asyncpg.Connection, sizes: Mapping[str, int | None]) -> Pools:
    """The pools of these names; a size stands beside those whose row is made when first needed."""
    rows = await connection.fetch(SELECT_POOLS, sorted(sizes)) if sizes else []
    left = {row["item"]: row["left"] for row in rows}
    return Pools(left, {name: size for name, size in sizes.items() if size is not None and name not in left})


async def take_from_pools(connection: asyncpg.Connection, pools: Pools, taken: Mapping[str, int]) -> None:
    """Take (or give back, below zero) in the order of names. Raises PoolShort when a pool holds less than asked for.

    Raises LookupError when there is no row to give back to.
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
