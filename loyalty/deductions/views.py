"""The points that can pay for an order, which a till asks for first, and the store of a hold that it wants to end."""

from datetime import datetime
from typing import NamedTuple

import asyncpg

from loyalty.deductions.rule import DeductionRule
from loyalty.ledger.balance import balance
from loyalty.programme.in_force.live import LiveRules

SELECT_STATUS = "SELECT status FROM account WHERE member_id = $1"
SELECT_STORE = "SELECT store FROM hold WHERE member_id = $1 AND receipt_no = $2"


class Quote(NamedTuple):
    """The most points that an order takes of a member, and the money that they pay."""

    max_points: int
    deduct_fen: int


def quote(rule: DeductionRule, available: int, amount_fen: int) -> Quote:
    """What an order of `amount_fen` takes of a member with so many points; nothing where they pay less than a fen."""
    points = rule.worth(min(rule.most_for(amount_fen), available))
    return Quote(points, rule.fen_of(points))


async def quote_of(
    database: asyncpg.Pool, member_id: int, amount_fen: int, live: LiveRules, now: datetime
) -> Quote | None:
    """The quote for a member, of nothing for an account that is not open; None if points pay for no orders."""
    rule = live.rules.deductions
    if rule is None:
        return None
    if await database.fetchval(SELECT_STATUS, member_id) != "open":
        return Quote(0, 0)
    return quote(rule, (await balance(member_id, live.day(now))).spendable, amount_fen)


async def store_of_hold(database: asyncpg.Pool, member_id: int, number: int) -> str | None:
    """The store for whose order a hold is; None if the member has no such hold."""
    store: str | None = await database.fetchval(SELECT_STORE, member_id, number)
    return store
