"""Very many members at once: copies of one whom the engine made, each with a chain of its own, so that the audit finds nothing.

Their receipts are like an older program's, which kept no trace, because their points lapse on another day than the rules say.
"""

import json
import secrets
from datetime import date
from typing import Final

import asyncpg

from loyalty.ledger import chain
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.opening import open_engine
from tests.faults.installation import Installation
from tests.ledger import ZONE

PAGE: Final = 10_000

MEMBERS: Final = """
INSERT INTO member (referral_code, joined_at, last_seen_floor)
SELECT m.referral_code || '-' || n, m.joined_at, m.last_seen_floor FROM member m, generate_series(1, $2) AS n
WHERE m.member_id = $1 RETURNING member_id
"""
COPIES: Final = (
    """
    INSERT INTO referral_code (code, member_id)
    SELECT m.referral_code, m.member_id FROM unnest($2::bigint[], $3::bytea[]) AS u (id, link)
    JOIN member m ON m.member_id = u.id WHERE $1::bigint IS NOT NULL AND $4::date IS NOT NULL
    """,
    """
    INSERT INTO identity SELECT (jsonb_populate_record(t, jsonb_build_object('member_id', u.id, 'owner_id', u.id,
        'subject', t.subject || '-' || u.id))).*
    FROM identity t, unnest($2::bigint[], $3::bytea[]) AS u (id, link) WHERE t.member_id = $1 AND $4::date IS NOT NULL
    """,
    """
    INSERT INTO account SELECT (jsonb_populate_record(t, jsonb_build_object('member_id', u.id, 'chain', u.link))).*
    FROM account t, unnest($2::bigint[], $3::bytea[]) AS u (id, link) WHERE t.member_id = $1 AND $4::date IS NOT NULL
    """,
    """
    INSERT INTO receipt SELECT (jsonb_populate_record(t, jsonb_build_object('member_id', u.id, 'trace', NULL))).*
    FROM receipt t, unnest($2::bigint[], $3::bytea[]) AS u (id, link) WHERE t.member_id = $1 AND $4::date IS NOT NULL
    """,
    """
    INSERT INTO entry
    SELECT (jsonb_populate_record(t, jsonb_build_object('member_id', u.id, 'chain', u.link, 'expires_on', $4::date))).*
    FROM entry t, unnest($2::bigint[], $3::bytea[]) AS u (id, link) WHERE t.member_id = $1
    """,
    """
    INSERT INTO lot (member_id, expires_on, opens_on, terms, opened, granted, remaining)
    SELECT u.id, $4::date, t.opens_on, t.terms, t.opened, t.granted, t.remaining
    FROM lot t, unnest($2::bigint[], $3::bytea[]) AS u (id, link) WHERE t.member_id = $1
    """,
    """
    INSERT INTO lot_use SELECT (jsonb_populate_record(t, jsonb_build_object('member_id', u.id, 'expires_on', $4::date))).*
    FROM lot_use t, unnest($2::bigint[], $3::bytea[]) AS u (id, link) WHERE t.member_id = $1
    """,
)


async def load(installation: Installation, count: int, expires_on: date) -> None:
    """That many members with one lot each, which lapses on `expires_on`; nobody comes with their identities."""
    async with (
        installation.pool() as pool,
        open_engine(pool, installation.clock, ZONE, installation.settings.keyring) as engine,
    ):
        newcomer = Newcomer((("bulk", secrets.token_hex(8)),), installation.clock.now())
        template = (await enroll(engine, newcomer)).member_id
        facts = await _entry_of(pool, template)
        for done in range(0, count, PAGE):
            await _load_page(pool, template, min(PAGE, count - done), facts, expires_on)
        await pool.execute("ANALYZE member, account, lot, receipt, entry, lot_use")


async def _entry_of(pool: asyncpg.Pool, template: int) -> chain.EntryFacts:
    """The only entry of the member to copy."""
    row = await pool.fetchrow(
        "SELECT e.*, r.scope, r.ref, r.rule_version FROM entry e JOIN receipt r ON r.member_id = e.member_id"
        " AND r.no = e.receipt_no WHERE e.member_id = $1",
        template,
    )
    stored = {name: row[name] for name in chain.EntryFacts._fields}
    return chain.EntryFacts(**(stored | {"detail": json.loads(row["detail"])}))


async def _load_page(
    pool: asyncpg.Pool, template: int, count: int, facts: chain.EntryFacts, expires_on: date
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        ids = [row["member_id"] for row in await connection.fetch(MEMBERS, template, count)]
        links = [
            chain.link(chain.genesis(one), facts._replace(member_id=one, expires_on=expires_on))
            for one in ids
        ]
        for copy in COPIES:
            await connection.execute(copy, template, ids, links, expires_on)
