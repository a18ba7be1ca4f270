"""What the engine asks again between deciding and storing: who has changed meanwhile, and whose refusals are kept no more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from loyalty.ledger.account import Account

SELECT_VERSIONS = "SELECT member_id, version FROM account WHERE member_id = ANY($1::bigint[])"


REFUSALS_KEPT = 100
REFUSALS_KEPT_FOR = timedelta(days=1)
"""When so many receipts of a member in a row are refusals of the last day, further refusals get none: somebody's program asks in
an endless loop, and each receipt stays for ever.
"""
SELECT_LOOPING = """
SELECT r.member_id FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, after)
JOIN receipt r ON r.member_id = u.member_id AND r.no > u.after AND NOT r.accepted AND r.posted_at > $3
GROUP BY r.member_id HAVING count(*) >= $4::int
"""


async def looping(connection: asyncpg.Connection, accounts: Sequence[Account], now: datetime) -> set[int]:
    """The members of whom as many refusals in a row are stored as we keep."""
    if not accounts:
        return set()
    members = [one.member_id for one in accounts]
    after = [one.version - REFUSALS_KEPT for one in accounts]
    since = now - REFUSALS_KEPT_FOR
    return {row[0] for row in await connection.fetch(SELECT_LOOPING, members, after, since, REFUSALS_KEPT)}


async def stale(connection: asyncpg.Connection, accounts: Sequence[Account]) -> set[int]:
    """The members whose version has changed since it was loaded.

    Needed for refusals that are not stored and for errors: no UPDATE compares their versions, so they may rest on rows from before
    and after another transaction, and must be decided again.
    """
    if not accounts:
        return set()
    rows = await connection.fetch(SELECT_VERSIONS, [account.member_id for account in accounts])
    now_at = {row["member_id"]: row["version"] for row in rows}
    return {one.member_id for one in accounts if now_at.get(one.member_id) != one.version}
