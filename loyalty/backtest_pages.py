"""A back-test page by page, in this process or in several: each page's members are decided apart from all others.

Processes share one snapshot of the database, which the first of them exports, so that they see what it sees.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from base.sealing import Keyring
from base.settings import Settings
from loyalty.backtest_figures import Backtest
from loyalty.earning.segments import segments_on
from loyalty.engine.feature import Feature
from loyalty.engine.redecide.step import World
from loyalty.engine.redecide.stored import read_members
from loyalty.engine.redecide.suppose import suppose_member
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from loyalty.ledger.calendar import business_day
from loyalty.programme.declaring.faults import STORED
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.in_force.timeline import read_timeline
from loyalty.programme.rules import RuleSet
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.rows import tiers_held
from loyalty.world import rules_of_all, world_of

CANDIDATE: Final = 0
"""The version number of the candidate, which no version has."""
STORED_FOLLOW_UPS: Final = """
SELECT f.member_id, f.request_key FROM unnest($1::bigint[], $2::text[]) AS u(member_id, request_key)
JOIN follow_up f ON f.member_id = u.member_id AND f.request_key = u.request_key
"""
Page = Callable[[list[int]], Awaitable[Backtest]]
"""The figures of the members of these ids."""


class Plan(NamedTuple):
    """The receipts to replay: those since an instant, by the candidate or, with None, each by the rules of its time."""

    candidate: RuleSet | None
    since: datetime


class Stage(NamedTuple):
    """What the members of all pages share: the world, the candidate, the ladder of tiers of now, and the two instants."""

    world: World
    candidate: LiveRules | None
    ladder: Ladder | None
    since: datetime
    now: datetime


async def stage_of(
    connection: asyncpg.Connection,
    plan: Plan,
    now: datetime,
    keyring: Keyring,
    zone: ZoneInfo,
    features: Iterable[Feature] = FEATURES,
) -> Stage:
    """The stage of a plan, read from the database."""
    rules, _ = await rules_of_all(connection)
    timeline = await read_timeline(connection)
    world = await world_of(connection, Registry(features), rules, timeline, keyring, zone)
    live = timeline.at(now)
    candidate = LiveRules(CANDIDATE, plan.candidate, zone) if plan.candidate else None
    return Stage(world, candidate, rules[live.version].ladder if live else None, plan.since, now)


async def suppose_page(connection: asyncpg.Connection, stage: Stage, ids: list[int]) -> Backtest:
    """The figures of the members of these ids."""
    found, ladder = Backtest(), stage.ladder
    others: list[tuple[int, str, str]] = []
    held = await tiers_held(connection, ids, [stage.now] * len(ids))
    segments = await segments_on(connection, ids, business_day(stage.now, stage.world.zone))
    for stored in await read_members(connection, ids, stage.world.registry, stage.since):
        one = suppose_member(stored, stage.world, stage.candidate, stage.now)
        tier = ladder.tier(held.get(stored.member_id), stored.account.growth).name if ladder else ""
        found.add(one, tier, segments.get(stored.member_id, ()))
        others += [(owed.member_id, owed.request_key, owed.command) for owed in one.for_others]
    await _count_unmade(connection, others, found)
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


@dataclass(frozen=True)
class Orders:
    """What a further process needs. Settings and rules travel as values, because keys and parsed rules cannot be pickled."""

    settings: dict[str, Any] = field(repr=False)
    snapshot: str
    candidate: str | None
    since: datetime
    now: datetime


@asynccontextmanager
async def crew(
    connection: asyncpg.Connection, plan: Plan, now: datetime, settings: Settings, processes: int
) -> AsyncIterator[Page]:
    """Pages decided by so many processes, on the snapshot of `connection`, which must stay in its transaction meanwhile.

    A page raises what the database raises, and BrokenProcessPool if a process was killed.
    """
    shared = await connection.fetchval("SELECT pg_export_snapshot()")
    rules = plan.candidate.model_dump_json() if plan.candidate else None
    given = settings.model_dump(exclude_unset=True)
    orders = Orders(given, shared, rules, plan.since, now)
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin, initargs=(orders,))
    loop = asyncio.get_running_loop()
    try:
        yield lambda ids: loop.run_in_executor(pool, _page, ids)
    finally:
        pool.shutdown(cancel_futures=True)


class _Hand:
    """One further process: its loop, its connection on the shared snapshot, and the stage."""

    def __init__(self, orders: Orders) -> None:
        self.runner = asyncio.Runner()
        self.connection, self.stage = self.runner.run(_open(orders))


_hands: list[_Hand] = []
"""The one hand of this process, which the initializer makes."""


def _begin(orders: Orders) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the first process, which ends this one
    _hands.append(_Hand(orders))


async def _open(orders: Orders) -> tuple[asyncpg.Connection, Stage]:
    settings = Settings.model_construct(**orders.settings)
    connection = await asyncpg.connect(settings.database_url, command_timeout=None)
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await connection.execute(f"SET TRANSACTION SNAPSHOT '{orders.snapshot}'")
    rules = RuleSet.model_validate_json(orders.candidate, context=STORED) if orders.candidate else None
    plan = Plan(rules, orders.since)
    return connection, await stage_of(connection, plan, orders.now, settings.keyring, settings.timezone)


def _page(ids: list[int]) -> Backtest:
    (hand,) = _hands
    return hand.runner.run(suppose_page(hand.connection, hand.stage, ids))
