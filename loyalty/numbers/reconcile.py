"""The daily facts against the ledger: each flow is the sum of its entries, up to where the facts have been read.

Vouchers that were used are compared with the redemptions, orders with the events. The nightly audit does it, of all days or of
yesterday, as the day's reconciliation of ledger, facts and orders (N14).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.changes import Position
from loyalty.engine.auditing import Finding
from loyalty.flows import BETWEEN_HALVES, flow_of
from loyalty.ledger.calendar import business_day, day_start
from loyalty.numbers.feed import shown_edition

INVARIANT: Final = "I24"
EVER: Final = date(1970, 1, 1)

POSITION: Final = "SELECT read_at, read_member, read_no FROM number_feed WHERE shown"
LEDGER: Final = """
SELECT src, dst, sum(amount)::bigint AS points, count(*) AS times FROM entry
WHERE posted_at >= $1 AND (posted_at, member_id, receipt_no) <= ($2, $3, $4) AND reason <> ALL($5::text[]) GROUP BY src, dst
"""
ORDERS: Final = """
SELECT count(*) AS times, coalesce(sum(p.amount_fen), 0)::bigint AS fen FROM receipt r
JOIN purchase p ON p.member_id = r.member_id AND p.receipt_no = r.no AND p.store = coalesce(r.facts->>'store', '')
    AND p.order_no = r.facts->>'order'
WHERE r.posted_at >= $1 AND (r.posted_at, r.member_id, r.no) <= ($2, $3, $4) AND r.accepted AND r.command = 'record_event'
"""
USED: Final = """
SELECT coalesce(sum(v.quantity), 0)::bigint AS times, coalesce(sum(v.points), 0)::bigint AS points FROM receipt r
JOIN redemption v ON v.member_id = r.member_id AND v.state = 'used' AND v.closed_at = r.posted_at
    AND v.receipt_no::text = r.facts->>'receipt_no' AND v.line::text = r.facts->>'line'
WHERE r.posted_at >= $1 AND (r.posted_at, r.member_id, r.no) <= ($2, $3, $4) AND r.accepted AND r.command = 'use_voucher'
"""
FIRST_ROLLED: Final = "SELECT min(booked_on) FROM daily_fact WHERE edition = $1 AND flow = 'rolled'"
ROLLED: Final = """
SELECT rule, sum(times)::bigint AS times FROM daily_fact WHERE edition = $1 AND flow = 'rolled' AND booked_on >= $2 GROUP BY rule
"""
DRAWN: Final = """
SELECT 'prize:' || wheel || ':' || candidate AS rule, count(*) AS times FROM draw
WHERE drawn_at >= $1 AND (drawn_at, member_id, receipt_no) <= ($2, $3, $4) GROUP BY wheel, candidate
"""
FACTS: Final = """
SELECT flow, sum(points)::bigint AS points, sum(times)::bigint AS times, sum(fen)::bigint AS fen FROM daily_fact
WHERE edition = $1 AND booked_on >= $2 GROUP BY flow
"""
BY_MINUTE: Final = """
SELECT flow, sum(points)::bigint AS points, sum(times)::bigint AS times, sum(fen)::bigint AS fen FROM minute_fact
WHERE edition = $1 GROUP BY flow
"""
BY_MEMBER: Final = """
SELECT coalesce(sum(issued), 0)::bigint AS issued, coalesce(sum(used), 0)::bigint AS used,
    coalesce(sum(redeemed), 0)::bigint AS redeemed, coalesce(sum(orders), 0)::bigint AS sold,
    coalesce(sum(sold_fen), 0)::bigint AS sold_fen, coalesce(sum(returned), 0)::bigint AS returned,
    coalesce(sum(acts), 0)::bigint AS acts
FROM member_day WHERE edition = $1
"""


async def reconcile(
    connection: asyncpg.Connection, zone: ZoneInfo, since: datetime | None = None
) -> list[Finding]:
    """What differs, of receipts posted on the business day of `since` or later; of all of them without it."""
    row = await connection.fetchrow(POSITION)
    if row is None:
        return []
    read, edition = Position(*row), await shown_edition(connection)
    first = EVER if since is None else business_day(since, zone)
    ledger = await _ledger(connection, day_start(first, zone), read)
    facts = {row["flow"]: row for row in await connection.fetch(FACTS, edition, first)}
    found = [*_differences(ledger, facts), *await _rolls(connection, edition, first, zone, read)]
    if since is None:
        found += await _parts(connection, edition, facts)
    return [Finding(INVARIANT, None, detail) for detail in found]


Sums = dict[tuple[str, str], int]
"""The sums of the ledger by flow and what is counted."""


async def _ledger(connection: asyncpg.Connection, since: datetime, read: Position) -> Sums:
    sums: Counter[tuple[str, str]] = Counter()
    for src, dst, points, _ in await connection.fetch(LEDGER, since, *read, BETWEEN_HALVES):
        if flow := flow_of(src, dst):
            sums[flow, "points"] += points
    times, fen = await connection.fetchrow(ORDERS, since, *read)
    vouchers, paid = await connection.fetchrow(USED, since, *read)
    return sums | {
        ("sold", "times"): times, ("sold", "fen"): fen, ("written_off", "times"): vouchers, ("written_off", "points"): paid,
    }  # fmt: skip


def _differences(ledger: Sums, facts: dict[str, asyncpg.Record]) -> Iterator[str]:
    """Each flow whose facts are not what the ledger says; flows that only the facts know are counted from receipts alone."""
    flows = {flow for flow, _ in ledger} | {flow for flow in facts if flow not in FROM_RECEIPTS}
    for flow in sorted(flows):
        for unit in ("points", "times", "fen"):
            if (flow, unit) not in ledger and unit != "points":
                continue
            right, counted = ledger.get((flow, unit), 0), facts[flow][unit] if flow in facts else 0
            if right != counted:
                yield f"{flow}: the daily facts say {counted} {unit}, the ledger {right}"


async def _rolls(
    connection: asyncpg.Connection, edition: int, first: date, zone: ZoneInfo, read: Position
) -> list[str]:
    """Each prize whose rolls were not counted as its draws are stored, on days after the first on which rolls were counted."""
    begun = await connection.fetchval(FIRST_ROLLED, edition)
    if begun is None:
        return []
    since = max(first, begun + timedelta(days=1))
    counted = dict(await connection.fetch(ROLLED, edition, since))
    drawn = dict(await connection.fetch(DRAWN, day_start(since, zone), *read))
    return [
        f"{rule}: the daily facts say {counted.get(rule, 0)} rolls, the draws {drawn.get(rule, 0)}"
        for rule in sorted(counted.keys() | drawn.keys())
        if counted.get(rule, 0) != drawn.get(rule, 0)
    ]


FROM_RECEIPTS: Final = ("acted", "joined", "redeemed", "cancelled", "refunded", "sold", "rolled")
"""Flows without entries of their own."""


async def _parts(connection: asyncpg.Connection, edition: int, facts: dict[str, asyncpg.Record]) -> list[str]:
    """Facts by minute and by member are the same facts."""
    found = []
    minutes = {row["flow"]: tuple(row) for row in await connection.fetch(BY_MINUTE, edition)}
    if minutes != {flow: tuple(row) for flow, row in facts.items()}:
        found.append("the facts by minute are not the daily ones")
    points = {flow: row["points"] for flow, row in facts.items()}
    times = {flow: row["times"] for flow, row in facts.items()}
    daily = {
        "issued": points.get("issued", 0), "used": points.get("used", 0) + points.get("captured", 0),
        "redeemed": times.get("redeemed", 0), "sold": times.get("sold", 0),
        "sold_fen": facts["sold"]["fen"] if "sold" in facts else 0,
        "returned": points.get("returned", 0), "acts": times.get("acted", 0),
    }  # fmt: skip
    if dict(await connection.fetchrow(BY_MEMBER, edition)) != daily:
        found.append("the facts by member are not the daily ones")
    return found
