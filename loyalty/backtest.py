"""`jifen rules backtest`: the commands of the last days decided again by a candidate: who would have gained, who would have lost.

It reads one snapshot, member by member, so that its memory does not grow with the history. Without a candidate each receipt is
decided by the rules of its time, and every difference is 0, to the point: this proves that the replay tells what the ledger tells.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from base.sealing import Keyring
from loyalty.earning.segments import segments_on
from loyalty.engine.feature import Feature
from loyalty.engine.redecide.stored import read_members
from loyalty.engine.redecide.suppose import Flows, Supposed, suppose_member
from loyalty.engine.registry import Registry
from loyalty.engine.transactions import snapshot
from loyalty.features import FEATURES
from loyalty.ledger.calendar import business_day
from loyalty.programme.live import LiveRules
from loyalty.programme.rules import RuleSet
from loyalty.programme.timeline import read_timeline
from loyalty.scope import Scope, Span, members_of
from loyalty.tiers.rows import tiers_held
from loyalty.world import pages_of, rules_of_all, world_of

EXTREMES: Final = 5
CANDIDATE: Final = 0
"""The version number of the candidate, which no version has."""
HELD: Final = "SELECT coalesce(sum(available + pending + held - debt), 0)::bigint FROM account"
MEMBERS: Final = "SELECT count(DISTINCT member_id) FROM receipt WHERE posted_at >= $1::timestamptz"
STORED_FOLLOW_UPS: Final = """
SELECT f.member_id, f.request_key FROM unnest($1::bigint[], $2::text[]) AS u(member_id, request_key)
JOIN follow_up f ON f.member_id = u.member_id AND f.request_key = u.request_key
"""
Progress = Callable[[int, int], None]
Extreme = tuple[int, int]
"""(points gained, member)."""


class Plan(NamedTuple):
    """The receipts to replay: those since an instant, by the candidate or, with None, each by the rules of its time."""

    candidate: RuleSet | None
    since: datetime


@dataclass
class Group:
    """The members who have one tier or segment now: how many, how many gain or lose, and by how many points together."""

    members: int = 0
    gaining: int = 0
    losing: int = 0
    points: int = 0

    def add(self, one: Supposed) -> None:
        """Count a member. One for whom something is refused that was accepted loses, unless they gain something else."""
        self.members += 1
        self.points += one.gain
        self.gaining += one.gain > 0
        self.losing += one.gain < 0 or (one.gain == 0 and bool(one.refused))


@dataclass
class Backtest:
    """The changes that the candidate would have made. `then` and `now` are points that went into each bucket.

    `held_then` are the points that all members can or will be able to spend, which is what the programme owes them. `refused`
    counts commands that were accepted and would not be, by code; `unmade` counts follow-ups of other members, which are not
    replayed, by command. `stopped` counts members who could not be decided, by error.
    `segments` are those of the day of the back-test; a member of several is in each, one of none in none.
    """

    members: int = 0
    receipts: int = 0
    untraced: int = 0
    then: Flows = field(default_factory=Counter)
    now: Flows = field(default_factory=Counter)
    held_then: int = 0
    held_more: int = 0
    differing: int = 0
    tiers: defaultdict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    segments: defaultdict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    most: list[Extreme] = field(default_factory=list)
    least: list[Extreme] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unmade: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)

    def add(self, one: Supposed, tier: str, segments: Iterable[str] = ()) -> None:
        """Count a member, in each of their segments."""
        self.members += 1
        self.untraced += one.untraced
        if one.stopped:
            self.stopped[one.stopped] += 1
            return
        self.receipts += one.decided
        self.then.update(one.then)
        self.now.update(one.now)
        self.held_more += one.held_now - one.held_then
        self.differing += one.differs
        self.refused.update(one.refused)
        for group in (self.tiers[tier], *(self.segments[name] for name in segments)):
            group.add(one)
        self._rank(one)

    def _rank(self, one: Supposed) -> None:
        if one.gain > 0:
            self.most = heapq.nlargest(EXTREMES, [*self.most, (one.gain, one.member_id)])
        elif one.gain < 0 or one.refused:
            self.least = heapq.nsmallest(EXTREMES, [*self.least, (one.gain, one.member_id)])


async def backtest(
    pool: asyncpg.Pool,
    plan: Plan,
    now: datetime,
    keyring: Keyring,
    progress: Progress = lambda *_: None,
    features: Iterable[Feature] = FEATURES,
    *,
    zone: ZoneInfo,
) -> Backtest:
    """Replay the plan, calling `progress(members done, of how many)` meanwhile. It only reads."""
    found, registry = Backtest(), Registry(features)
    async with snapshot(pool) as connection:
        rules, _ = await rules_of_all(connection)
        timeline = await read_timeline(connection)
        world = await world_of(connection, registry, rules, timeline, keyring, zone)
        found.held_then = await connection.fetchval(HELD)
        total: int = await connection.fetchval(MEMBERS, plan.since)
        live = timeline.at(now)
        ladder = rules[live.version].ladder if live else None
        candidate = LiveRules(CANDIDATE, plan.candidate, zone) if plan.candidate else None
        async for ids in pages_of(members_of(connection, Scope(since=plan.since), Span(0, 0))):
            others: list[tuple[int, str, str]] = []
            held = await tiers_held(connection, ids, [now] * len(ids))
            segments = await segments_on(connection, ids, business_day(now, zone))
            for stored in await read_members(connection, ids, registry, plan.since):
                one = suppose_member(stored, world, candidate, now)
                tier = ladder.tier(held.get(stored.member_id), stored.account.growth).name if ladder else ""
                found.add(one, tier, segments.get(stored.member_id, ()))
                others += [(owed.member_id, owed.request_key, owed.command) for owed in one.for_others]
            await _count_unmade(connection, others, found)
            progress(found.members, total)
    return found


async def _count_unmade(
    connection: asyncpg.Connection, owed: list[tuple[int, str, str]], found: Backtest
) -> None:
    """Count the follow-ups for other members that only the candidate owes."""
    if not owed:
        return
    members, keys, _ = zip(*owed, strict=True)
    rows = await connection.fetch(STORED_FOLLOW_UPS, members, keys)
    stored = {(row["member_id"], row["request_key"]) for row in rows}
    found.unmade.update(command for member_id, key, command in owed if (member_id, key) not in stored)
