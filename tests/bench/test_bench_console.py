"""What operators look at is found by an index, however large the shop; the bench's shop has the facts that the worker counts."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from base.settings import Settings
from bench.dataset import SHOP, programme_of, publish_and_fill_shop
from bench.ground import SECRET_KEY
from bench.reads import office_of, reads
from bench.shop import Shop
from bench.watching import scanned, watching
from loyalty.engine.transactions import snapshot
from loyalty.numbers.rebuild import rebuild
from loyalty.numbers.reconcile import reconcile
from tests.emulator import harness
from tests.ledger import KEYS, ZONE, Ledger, empty

MEMBERS = 60
FEW_ROWS = {
    "approval", "wechat_fault", "webhook", "operator", "operator_session", "stock", "number_alert", "reconciliation",
    "rule_version", "number_feed",
}  # fmt: skip
"""Tables that stay small in any shop."""
OF_MEMBERS = {"list", "search", "member", "overview"}


@pytest.fixture
async def shop(ledger: Ledger) -> Shop:
    await empty(ledger.pool)
    return await publish_and_fill_shop(
        ledger.database_url, programme_of(_settings(ledger), SHOP), MEMBERS, keyring=KEYS
    )


def _settings(ledger: Ledger) -> Settings:
    return Settings(
        database_url=ledger.database_url,
        oa_app_id=harness.OA_APP_ID,
        miniapp_app_id=harness.MINIAPP_APP_ID,
        secret_key=SecretStr(SECRET_KEY),
    )


async def test_nothing_that_operators_look_at_scans_a_large_table(ledger: Ledger, shop: Shop) -> None:
    settings = _settings(ledger)
    office = await office_of(ledger.pool, settings, programme_of(settings, SHOP).rules, shop.end)
    found: dict[str, set[str]] = {}
    async with watching(ledger.pool) as watch:
        seen = [
            (one.name, (await watch.read(one.run, runs=1)).statements)
            for one in reads(office)
            if one.kind in OF_MEMBERS
        ]
    async with ledger.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        for name, statements in seen:
            assert statements, name
            for text, arguments in statements.items():
                found.setdefault(name, set()).update(await _scanned(connection, text, arguments))
    assert {name: tables for name, tables in found.items() if tables} == {}


async def _scanned(connection: asyncpg.Connection, text: str, arguments: tuple[object, ...]) -> set[str]:
    """The large tables that a statement scans even where PostgreSQL avoids scans at any price: no index serves it."""
    if not text.lstrip().upper().startswith(("SELECT", "WITH")):
        return set()
    return {name async for name in scanned(connection, text, arguments)} - FEW_ROWS


async def test_a_scan_is_seen(ledger: Ledger) -> None:
    async with ledger.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        assert await _scanned(connection, "SELECT count(*) FROM entry WHERE amount > $1", (5,)) == {"entry"}


async def test_the_shop_has_the_facts_that_the_worker_counts(ledger: Ledger, shop: Shop) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    async with snapshot(ledger.pool) as connection:
        assert await reconcile(connection, ZONE) == []
    rebuilt = await rebuild(ledger.pool, now, ZONE)
    assert rebuilt.different == {"daily_fact": 0, "minute_fact": 0, "member_day": 0}
    assert rebuilt.receipts == await ledger.count("receipt")
