"""The price of points that were earned before a reward became dearer: they pay the old one until the end of a transition.

Points of before and since may share a lot. Then those of before are spent first, so what is left of a lapse day,
less what was granted since with this lapse day, is old. The old price is given where all points that would pay are old.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

import asyncpg
from pydantic import TypeAdapter

from base.sealing import Keyring
from loyalty.engine.reads import Note, Read, ReadRequest, SharedNote, SharedRead, SharedRequest
from loyalty.ledger.calendar import business_day, day_start
from loyalty.ledger.lots import Lot, plan_spend
from loyalty.programme.in_force.live import rules_between
from loyalty.rewards.commands import Redeem
from loyalty.rewards.rule import OldPoints, Reward

GrantedSince = Mapping[date, int]
"""Points that a member was granted since the change, by the day on which they lapse."""
SELECT_GRANTED: Final = """
SELECT r.member_id, x.expires_on, sum(x.amount)::bigint AS points
FROM unnest($1::bigint[], $2::timestamptz[]) AS u(member_id, since)
JOIN receipt r ON r.member_id = u.member_id AND r.posted_at >= u.since
JOIN lot_use x ON x.member_id = r.member_id AND x.receipt_no = r.no AND x.kind = 'granted'
GROUP BY r.member_id, x.expires_on
"""


def price_of(
    reward: Reward, lots: Collection[Lot], quantity: int, today: date, since: GrantedSince | None
) -> int:
    """The price of one piece for a member with these opened lots who buys so many; `since` None: nobody asked."""
    old = open_transition(reward, today)
    if old is None or since is None:
        return reward.price_points
    return old.price_points if _all_old(lots, old.price_points * quantity, since) else reward.price_points


def open_transition(reward: Reward, today: date) -> OldPoints | None:
    """The old price, if there is one on this day."""
    old = reward.old_points
    return old if old is not None and old.earned_before <= today < old.until else None


def _all_old(lots: Collection[Lot], cost: int, since: GrantedSince) -> bool:
    left: Counter[date] = Counter()
    for lot in lots:
        left[lot.key.expires_on] += lot.remaining
    left.subtract(since)
    if cost > sum(lot.remaining for lot in lots if lot.opened):
        return False
    for lot, taken in plan_spend(lots, cost):
        left[lot.key.expires_on] -= taken
        if left[lot.key.expires_on] < 0:
            return False
    return True


async def _changes(request: SharedRequest) -> Mapping[str, datetime]:
    """Of each reward in an open transition, by the rules in force: the instant since which points are new."""
    now, zone = request.present.now, request.present.zone
    live = (await rules_between(request.connection, now, now, zone)).at(now)
    found = {
        one.id: open_transition(one, business_day(now, zone)) for one in live.rules.rewards if one.old_points
    }
    return {reward: day_start(old.earned_before, zone) for reward, old in found.items() if old}


async def _no_history(_: asyncpg.Connection, __: Keyring) -> None:
    """What each member was granted is in the trace."""


CHANGES: Final = SharedRead[Mapping[str, datetime]](
    "rewards that became dearer",
    _changes,
    SharedNote("changes", lambda _, __: None, _no_history, lambda _, __: {}),
)


async def _granted_since(request: ReadRequest) -> Mapping[int, dict[date, int]]:
    changes: Mapping[str, datetime] = request.shared[CHANGES]
    asked = {
        one.command.member_id: changes[one.command.reward]
        for one in request.commands
        if isinstance(one.command, Redeem) and one.command.reward in changes
    }
    found: dict[int, dict[date, int]] = {member_id: {} for member_id in asked}
    if asked:
        rows = await request.connection.fetch(SELECT_GRANTED, list(asked), list(asked.values()))
        for member_id, expires_on, points in rows:
            found[member_id][expires_on] = points
    return found


GRANTED_SINCE: Final = Read[Any](
    "points granted since the reward became dearer",
    _granted_since,
    None,
    note=Note("granted_since", TypeAdapter(dict[date, int] | None)),
)
