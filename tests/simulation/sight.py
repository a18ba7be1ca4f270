"""What the database holds of some members, read in a few statements once nothing is in flight."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from loyalty.ledger.calendar import AT_ONCE
from tests.simulation.features import LEDGERS
from tests.simulation.second_ledger import Member, World

RECEIPTS = """
SELECT r.member_id, r.no, r.scope, r.ref, r.request_key, r.accepted, r.code, r.facts::text AS facts, r.rule_version,
       r.effective_at, r.posted_at
FROM unnest($1::bigint[], $2::bigint[]) a(member_id, version) JOIN receipt r ON r.member_id = a.member_id AND r.no > a.version
ORDER BY r.member_id, r.no
"""
ENTRIES = """
SELECT e.member_id, e.seq, e.receipt_no, e.src, e.dst, e.amount, e.reason, e.expires_on, e.available, e.pending, e.held, e.debt,
       e.posted_at
FROM unnest($1::bigint[], $2::bigint[]) a(member_id, seq) JOIN entry e ON e.member_id = a.member_id AND e.seq > a.seq
ORDER BY e.member_id, e.seq
"""
ACCOUNTS = """
SELECT member_id, version, seq, status, available, pending, held, debt, issued, spent, expired, reversed, adjusted, forfeited,
       growth, posted_at
FROM account WHERE member_id = ANY($1::bigint[])
"""
LOTS = """
SELECT member_id, expires_on, opens_on, granted, remaining, spent, expired, held, reversed, offset_debt, forfeited
FROM lot WHERE member_id = ANY($1::bigint[]) AND (remaining > 0 OR $2)
"""
FOLLOW_UPS = "SELECT member_id, request_key, done_at IS NOT NULL AS done FROM follow_up WHERE member_id = ANY($1::bigint[])"
NOTICES = "SELECT member_id, kind, key FROM notice WHERE member_id = ANY($1::bigint[])"


@dataclass
class Sight:
    """Rows by member; receipts and entries are those not known before."""

    receipts: dict[int, list[asyncpg.Record]] = field(default_factory=dict)
    entries: dict[int, list[asyncpg.Record]] = field(default_factory=dict)
    accounts: dict[int, asyncpg.Record] = field(default_factory=dict)
    lots: dict[int, list[asyncpg.Record]] = field(default_factory=dict)
    follow_ups: dict[int, dict[str, bool]] = field(default_factory=dict)
    notices: dict[int, set[tuple[str, str]]] = field(default_factory=dict)
    totals: tuple[int, int] = (0, 0)
    taken: dict[str, tuple[int, int]] = field(default_factory=dict)


async def look(
    connection: asyncpg.Connection,
    members: Sequence[int],
    known: Sequence[tuple[int, int]],
    *,
    all_lots: bool = False,
) -> Sight:
    """Everything of these members, and of the shelves; `known` holds the version and seq seen before of each."""
    versions, seqs = [version for version, _ in known], [seq for _, seq in known]
    totals = await connection.fetchrow("SELECT count(*), coalesce(sum(version), 0) FROM account")
    return Sight(
        receipts=_grouped(await connection.fetch(RECEIPTS, members, versions)),
        entries=_grouped(await connection.fetch(ENTRIES, members, seqs)),
        accounts={row["member_id"]: row for row in await connection.fetch(ACCOUNTS, members)},
        lots=_grouped(await connection.fetch(LOTS, members, all_lots)),
        follow_ups={
            member_id: {row["request_key"]: row["done"] for row in rows}
            for member_id, rows in _grouped(await connection.fetch(FOLLOW_UPS, members)).items()
        },
        notices={
            member_id: {(row["kind"], row["key"]) for row in rows}
            for member_id, rows in _grouped(await connection.fetch(NOTICES, members)).items()
        },
        totals=(int(totals[0]), int(totals[1])),
        taken={
            row["item"]: (row["stocked"], row["taken"])
            for row in await connection.fetch("SELECT item, stocked, taken FROM stock")
        },
    )


def difference(member: Member, sight: Sight, *, all_lots: bool = False) -> str:
    """The first thing in which the member's account, lots and notices differ from what they should be; empty when nothing does."""
    account = sight.accounts[member.member_id]
    available, pending, held, debt = member.booked
    out = {name: -member.buckets[name] for name in ("issued", "adjusted")}
    into = {name: member.buckets[name] for name in ("spent", "expired", "reversed", "forfeited")}
    stands: dict[str, Any] = out | into | {
        "version": member.version, "seq": member.seq, "status": member.status, "available": available, "pending": pending,
        "held": held, "debt": debt, "growth": member.growth, "posted_at": member.posted_at,
    }  # fmt: skip
    for name, value in stands.items():
        if account[name] != value:
            return f"{name} of {member.member_id} is {account[name]}, not {value}"
    lots = {
        (row["expires_on"], row["opens_on"]): tuple(row)[3:] for row in sight.lots.get(member.member_id, [])
    }
    expected = {(day, AT_ONCE): tuple(lot) for day, lot in member.lots.items() if lot.remaining or all_lots}
    expected |= {key: tuple(lot) for key, lot in member.pending.items() if lot.remaining or all_lots}
    if lots != expected:
        return f"the lots of {member.member_id} are {lots}, not {expected}"
    if left := sight.entries.get(member.member_id):
        return f"entries of {member.member_id} that nothing explains: {left}"
    if sight.notices.get(member.member_id, set()) != member.told:
        return f"{member.member_id} is told {sight.notices.get(member.member_id)}, not {member.told}"
    return ""


async def facts_difference(connection: asyncpg.Connection, world: World) -> tuple[str, int] | None:
    """A fact that is there and should not be, or the other way round, with its member; None when all agree."""
    for rows in (rows for ledger in LEDGERS for rows in ledger.rows):
        expected = {
            (member_id, *row) for member_id, member in world.members.items() for row in rows.expected(member)
        }
        for fact in expected ^ {tuple(row) for row in await connection.fetch(rows.select)}:
            return f"{rows.name}: {fact} is {'missing' if fact in expected else 'too much'}", fact[0]
    return None


def _grouped(rows: Sequence[Any]) -> dict[int, list[asyncpg.Record]]:
    groups: dict[int, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        groups[row["member_id"]].append(row)
    return groups
