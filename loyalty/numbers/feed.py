"""The feed of daily facts: a page of receipts and the place behind it are stored in one transaction, so nothing counts twice.

Facts have an edition. `jifen stats rebuild` computes another one from the first receipt on, while pages still read the one that is
shown; the worker carries every edition forward.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.changes import BEGINNING, SETTLED_AFTER, Position
from loyalty.engine.transactions import retried
from loyalty.numbers.facts import Deed, Facts, facts_of
from loyalty.numbers.reading import read_deeds, read_page
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.rules import RuleSet

PAGE: Final = 1000
SPAN: Final = timedelta(minutes=1)
"""The first stretch of time in which the next page is looked for; short, because all receipts of it are sorted for the page."""

BEGIN: Final = """
INSERT INTO number_feed (edition, shown, read_at, read_member, read_no) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
EDITIONS: Final = "SELECT edition FROM number_feed ORDER BY edition"
SHOWN: Final = "SELECT edition FROM number_feed WHERE shown"
LOCK: Final = """
UPDATE number_feed SET read_no = read_no WHERE edition = $1 RETURNING read_at, read_member, read_no
"""
"""Reads the position, and lets others wait who would read on from it."""
FIRST_RULES: Final = "SELECT min(least(published_at, effective_from)) FROM rule_version"
ADVANCE: Final = """
UPDATE number_feed SET read_at = $2, read_member = $3, read_no = $4 WHERE edition = $1
"""
KNOWN: Final = """
SELECT DISTINCT m.member_id FROM unnest($2::bigint[]) AS u(member_id)
JOIN member_day m ON m.member_id = u.member_id AND m.edition = $1
"""
ADD_DAILY: Final = """
INSERT INTO daily_fact (
    edition, day, booked_on, flow, store, region, channel, tier, rule, campaign, version, points, times, fen
)
SELECT $1, * FROM unnest(
    $2::date[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::int[],
    $12::bigint[], $13::bigint[], $14::bigint[]
)
ON CONFLICT (edition, day, booked_on, flow, store, region, channel, tier, rule, campaign, version) DO UPDATE
SET points = daily_fact.points + excluded.points, times = daily_fact.times + excluded.times, fen = daily_fact.fen + excluded.fen
"""
ADD_MINUTES: Final = """
INSERT INTO minute_fact (edition, day, minute, flow, points, times, fen)
SELECT $1, * FROM unnest($2::date[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
ON CONFLICT (edition, day, minute, flow) DO UPDATE
SET points = minute_fact.points + excluded.points, times = minute_fact.times + excluded.times, fen = minute_fact.fen + excluded.fen
"""
ADD_MEMBERS: Final = """
INSERT INTO member_day (
    member_id, day, first_minute, acts, issued, used, returned, redeemed, orders, sold_fen, is_new, person, edition
)
SELECT *, $1 FROM unnest(
    $2::bigint[], $3::date[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
    $11::bigint[], $12::boolean[], $13::bigint[]
)
ON CONFLICT (member_id, edition, day) DO UPDATE
SET first_minute = least(member_day.first_minute, excluded.first_minute), acts = member_day.acts + excluded.acts,
    issued = member_day.issued + excluded.issued, used = member_day.used + excluded.used,
    returned = member_day.returned + excluded.returned, redeemed = member_day.redeemed + excluded.redeemed,
    orders = member_day.orders + excluded.orders,
    sold_fen = member_day.sold_fen + excluded.sold_fen, is_new = member_day.is_new OR excluded.is_new
"""

HALVES: Final = "SELECT other_id FROM merged_half WHERE member_id = $1"
MOVE: Final = """
UPDATE member_day SET person = $4 WHERE edition = $1 AND member_id = ANY($2::bigint[]) AND person = $3
"""


class Step(NamedTuple):
    """What a step came to: the receipts it counted, whether it reached the end of the feed, and how much time they took up."""

    receipts: int
    at_end: bool
    span: timedelta = SPAN


async def shown_edition(database: asyncpg.Connection | asyncpg.Pool) -> int:
    """The edition that pages read; 0 before the worker's first step, for which there are no facts."""
    return await database.fetchval(SHOWN) or 0


async def editions(pool: asyncpg.Pool) -> list[int]:
    """The editions that are kept; the first of an installation begins here."""
    await pool.execute(BEGIN, 1, True, *BEGINNING)
    return [row["edition"] for row in await pool.fetch(EDITIONS)]


async def advance(
    pool: asyncpg.Pool,
    edition: int,
    now: datetime,
    zone: ZoneInfo,
    *,
    size: int = PAGE,
    span: timedelta = SPAN,
) -> Step:
    """Count the next `size` receipts in an edition. Safe to repeat and to run twice at once.

    They are looked for in a stretch of time of length `span` first, in longer ones where these do not suffice; that of the step
    before is a good length. What was posted in the last SETTLED_AFTER waits, because some of it may not be visible yet.
    """

    async def step(connection: asyncpg.Connection) -> Step:
        return await count_page(connection, edition, now - SETTLED_AFTER, zone, size=size, span=span)

    return await retried(pool, step)


async def count_page(
    connection: asyncpg.Connection,
    edition: int,
    end: datetime,
    zone: ZoneInfo,
    until: Position | None = None,
    *,
    size: int = PAGE,
    span: timedelta = SPAN,
) -> Step:
    """`advance` within a transaction, up to `until` only: the lock on the feed's row lets one process at a time read on."""
    row = await connection.fetchrow(LOCK, edition)
    if row is None:
        return Step(0, at_end=True)
    after = Position(*row)
    if until is not None:
        end = min(end, until.posted_at + timedelta(microseconds=1))
    deeds, reached = await _next(connection, after, end, size, span)
    if until is not None:
        deeds = [one for one in deeds if one.position <= until]
    if not deeds:
        return Step(0, reached)
    await _store(connection, edition, await _facts(connection, edition, deeds, zone))
    await connection.execute(ADVANCE, edition, *deeds[-1].position)
    return Step(len(deeds), reached, max(deeds[-1].position.posted_at - deeds[0].position.posted_at, SPAN))


async def _next(
    connection: asyncpg.Connection, after: Position, end: datetime, size: int, span: timedelta
) -> tuple[list[Deed], bool]:
    """The next page, looking further in ever longer steps until it is full; and whether it is the last one for now."""
    begin, page = await _begin(connection, after), list[Position]()
    while begin.posted_at < end and len(page) < size:
        until = min(begin.posted_at + span, end)
        page += await read_page(connection, begin, until, size - len(page))
        begin, span = Position(until, -1, -1), 2 * span
    return await read_deeds(connection, page), len(page) < size


async def _begin(connection: asyncpg.Connection, after: Position) -> Position:
    """Where to look from, at the beginning from the first rules, than which no receipt is older.

    Steps that grow from the year 2000 on would end in one that sorts all receipts.
    """
    first: datetime | None = await connection.fetchval(FIRST_RULES) if after == BEGINNING else None
    return after if first is None else Position(first - timedelta(days=1), 0, 0)


async def _facts(
    connection: asyncpg.Connection, edition: int, deeds: Sequence[Deed], zone: ZoneInfo
) -> Facts:
    members = sorted({one.position.member_id for one in deeds})
    known = frozenset(row["member_id"] for row in await connection.fetch(KNOWN, edition, members))
    return facts_of(deeds, known, await _rules(connection, deeds), zone)


async def _rules(connection: asyncpg.Connection, deeds: Collection[Deed]) -> dict[int, RuleSet]:
    versions = {one.version for one in deeds} | {one.bought.priced_by for one in deeds if one.bought}
    return {version: await rules_of(connection, version) for version in versions}


async def _store(connection: asyncpg.Connection, edition: int, facts: Facts) -> None:
    """Add the facts, each table's rows in the order of their keys."""
    daily = [(*key, *amount) for key, amount in sorted(facts.daily.items())]
    minutes = [(*key, *amount) for key, amount in sorted(facts.minutes.items())]
    members = [
        (
            *key, one.first_minute, one.acts, one.issued, one.used, one.returned, one.redeemed, one.orders, one.sold_fen,
            one.is_new, key[0],
        )
        for key, one in sorted(facts.members.items(), key=lambda item: item[0])
    ]  # fmt: skip
    for statement, rows in ((ADD_DAILY, daily), (ADD_MINUTES, minutes), (ADD_MEMBERS, members)):
        if rows:
            await connection.execute(statement, edition, *map(list, zip(*rows, strict=True)))
    for move in facts.moves:
        halves = [row["other_id"] for row in await connection.fetch(HALVES, move.member_id)]
        await connection.execute(MOVE, edition, [move.member_id, *halves], move.before, move.after)
