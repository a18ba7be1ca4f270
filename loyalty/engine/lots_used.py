"""The lots that receipts took points from: how many from each, and the lots themselves, which may have nothing left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import asyncpg

from loyalty.ledger.lots import OF_LOT, Lot, LotKey, LotShare, lot_of

SELECT_SHARES = """
SELECT u.member_id, u.expires_on, u.opens_on, u.terms, u.amount
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
JOIN lot_use u ON u.member_id = a.member_id AND u.receipt_no = a.receipt_no AND u.kind = $3::text
"""
SELECT_LOTS = f"""
SELECT {OF_LOT}
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
JOIN lot_use u ON u.member_id = a.member_id AND u.receipt_no = a.receipt_no AND u.kind = $3::text
JOIN lot l ON l.member_id = u.member_id AND l.expires_on = u.expires_on AND l.opens_on = u.opens_on AND l.terms = u.terms
"""  # noqa: S608  # names of our own columns


async def shares_used(
    connection: asyncpg.Connection, members: Sequence[int], receipts: Sequence[int], kind: str
) -> Mapping[int, tuple[LotShare, ...]]:
    """The points that one receipt of each member took from each lot, as lot uses of that kind, in lot order."""
    found: dict[int, list[LotShare]] = defaultdict(list)
    for member_id, *key, amount in await connection.fetch(SELECT_SHARES, members, receipts, kind):
        found[member_id].append((LotKey(*key), amount))
    return {member_id: tuple(sorted(shares)) for member_id, shares in found.items()}


async def lots_used(
    connection: asyncpg.Connection, members: Sequence[int], receipts: Sequence[int], kind: str
) -> Mapping[int, Sequence[Lot]]:
    """The lots that one receipt of each member took from."""
    found: dict[int, list[Lot]] = defaultdict(list)
    for row in await connection.fetch(SELECT_LOTS, members, receipts, kind):
        found[row["member_id"]].append(lot_of(row))
    return found
