"""The rights of the application's role: exactly what the code's statements need, given as often as wanted, refused to an owner."""

import re
from collections import defaultdict

import asyncpg
import pytest

from loyalty.engine.updates import IN_ACCOUNT, IN_LOT, update_accounts, update_lots
from loyalty.schema import FACTS, GRANTS
from models.database import migrate
from models.grants import Grant, GrantsError, grant_all, rewritable
from tests.app_role import app_role
from tests.conftest import run_sql
from tests.ledger import Ledger
from tests.models.statements import texts, updates_through_models
from tests.source import SERVER_PACKAGES

MADE = (update_accounts(tuple(IN_ACCOUNT)), update_lots(tuple(IN_LOT)))
"""Statements that name the columns of the moment, here with all they may name."""

CHANGE = re.compile(r"\bUPDATE (\w+)(?: \w)?\s+SET\s+(.*?)(?:\bWHERE\b|\bFROM\b|\bRETURNING\b|$)", re.S)
UPSERT = re.compile(r"INSERT INTO (\w+)\b.*?\bDO UPDATE\s+SET\s+(.*?)(?:\bWHERE\b|\bRETURNING\b|$)", re.S)
REMOVE = re.compile(r"\bDELETE FROM (\w+)")


def columns(assignments: str) -> set[str]:
    """Names that are set; what stands in parentheses (an expression) or CASE is no assignment."""
    flat = re.sub(r"\([^()]*\)", "", assignments)
    return set(re.findall(r"(?:^|,)\s*(\w+)\s*=", flat))


def needed() -> dict[str, Grant]:
    """What the statements in the source change and remove, by table."""
    changed: dict[str, set[str]] = defaultdict(set)
    removed = set()
    for table, columns_set in updates_through_models(*SERVER_PACKAGES):
        changed[table] |= columns_set
    for text in (*texts(*SERVER_PACKAGES), *MADE):
        for found in (*CHANGE.findall(text), *UPSERT.findall(text)):
            changed[found[0]] |= columns(found[1])
        removed |= set(REMOVE.findall(text))
    return {
        table: Grant(tuple(sorted(changed[table])), delete=table in removed)
        for table in GRANTS.keys() | changed.keys() | removed
    }


def test_the_rights_are_those_the_code_needs() -> None:
    granted = {table: Grant(tuple(sorted(grant.update)), grant.delete) for table, grant in GRANTS.items()}
    assert granted == needed()


async def test_every_table_has_its_rights(ledger: Ledger) -> None:
    tables = await ledger.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tablename"] for row in tables} == {*GRANTS, "tortoise_migrations"}
    assert {"receipt", "entry"} <= set(FACTS)


async def held(url: str, role: str) -> set[tuple[str, ...]]:
    """Every right the role has been given, table and column rights alike."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT table_name, privilege_type, '' FROM information_schema.table_privileges WHERE grantee = $1 UNION ALL"
            " SELECT table_name, privilege_type, column_name FROM information_schema.column_privileges"
            " WHERE grantee = $1 AND privilege_type = 'UPDATE'",
            role,
        )
        return {tuple(row) for row in rows}
    finally:
        await connection.close()


async def test_granting_again_changes_nothing_and_takes_back_what_is_too_much(migrated_url: str) -> None:
    with app_role(migrated_url) as role:
        first = await held(migrated_url, role.name)
        assert ("receipt", "INSERT", "") in first
        assert ("referral", "UPDATE", "qualified_at") in first
        run_sql(migrated_url, f"GRANT ALL ON entry, tortoise_migrations TO {role.name}")
        run_sql(migrated_url, f"GRANT UPDATE (inviter_id) ON referral TO {role.name}")
        assert await held(migrated_url, role.name) > first
        await grant_all(migrated_url, role.name, GRANTS)
        assert await held(migrated_url, role.name) == first


async def test_a_role_that_could_do_more_is_refused(migrated_url: str) -> None:
    with (
        app_role(migrated_url, granted=False, options="SUPERUSER") as role,
        pytest.raises(GrantsError, match=r"仍能改动 award、.*draw、entry"),
    ):
        await grant_all(migrated_url, role.name, GRANTS)
    owner = run_sql(migrated_url, "SELECT current_user")
    with app_role(migrated_url, granted=False, options=f"NOINHERIT IN ROLE {owner}") as role:
        with pytest.raises(GrantsError, match="主人角色的成员"):
            await grant_all(migrated_url, role.name, GRANTS)
        assert await held(migrated_url, role.name) == set()


async def test_known_errors_are_sentences(migrated_url: str) -> None:
    with pytest.raises(GrantsError, match="没有角色 nobody_at_all"):
        await grant_all(migrated_url, "nobody_at_all", GRANTS)
    with app_role(migrated_url) as role, pytest.raises(GrantsError, match="表的主人"):
        await grant_all(role.url, role.name, GRANTS)


NO_COLUMNS = """
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE 'grant/revoke on column list is currently unsupported' USING ERRCODE = 'feature_not_supported'; END
$$;
CREATE EVENT TRIGGER as_citus ON ddl_command_start WHEN TAG IN ('GRANT') EXECUTE FUNCTION refuse()
"""


async def test_a_citus_that_grants_nothing_on_columns_is_named(bare_url: str) -> None:
    await migrate(bare_url)
    with app_role(bare_url, granted=False) as role:
        connection = await asyncpg.connect(bare_url)
        await connection.execute(NO_COLUMNS)
        with pytest.raises(GrantsError, match="Citus"):
            await grant_all(bare_url, role.name, GRANTS)
        await connection.close()


@pytest.mark.parametrize("more", ["UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "UPDATE (amount)"])
async def test_one_right_too_many_is_seen(migrated_url: str, more: str) -> None:
    with app_role(migrated_url) as role:
        connection = await asyncpg.connect(role.url)
        try:
            assert await rewritable(connection, GRANTS) == []
            run_sql(migrated_url, f"GRANT {more} ON entry TO {role.name}")
            assert await rewritable(connection, GRANTS) == ["entry"]
        finally:
            await connection.close()
