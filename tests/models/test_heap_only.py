"""What every sign-in changes is named by no index (decision 0016): PostgreSQL then writes the row's own page and nothing else.

Columns in an index's condition count as named by it, which is easily forgotten.
"""

import pytest

from tests.ledger import Ledger

NAMED = """
SELECT DISTINCT a.attname FROM pg_index i
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE i.indrelid = $1::text::regclass
UNION
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = $1::text::regclass
"""
MAY_BE_NAMED = {
    "account": {"member_id", "status"},
    "lot": {"member_id", "expires_on", "opens_on", "terms", "opened", "has_remaining"},
    "member": {"member_id", "last_seen_floor", "merge_with", "nickname"},
}
"""Everything an index may name: keys, and what changes once in a lot's life, once a silence, or when two are found to be one."""


@pytest.mark.parametrize(("table", "named"), MAY_BE_NAMED.items())
async def test_no_index_names_what_every_sign_in_changes(ledger: Ledger, table: str, named: set[str]) -> None:
    assert {row["attname"] for row in await ledger.pool.fetch(NAMED, table)} == named


@pytest.mark.parametrize("table", ["account", "lot"])
async def test_a_page_has_room_for_the_next_version(ledger: Ledger, table: str) -> None:
    options = await ledger.pool.fetchval(
        "SELECT reloptions FROM pg_class WHERE oid = $1::text::regclass", table
    )
    assert options == ["fillfactor=70"]


async def test_whether_anything_remains_is_kept_by_the_database(ledger: Ledger) -> None:
    member = await ledger.member()
    remains = "SELECT bool_or(has_remaining) FROM lot WHERE member_id = $1"
    assert await ledger.pool.fetchval(remains, member)
    await ledger.pool.execute("UPDATE lot SET spent = granted, remaining = 0 WHERE member_id = $1", member)
    assert not await ledger.pool.fetchval(remains, member)
