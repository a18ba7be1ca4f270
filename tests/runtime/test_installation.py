"""A database belongs to one pair of app ids, one time zone, and is a demo or is not; every process checks that at its start."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from base.clock import OffsetClock
from base.settings import DEMO_MINIAPP_APP_ID, DEMO_OA_APP_ID
from models.database import migrate
from models.installation import Binding, WrongDatabase, bind, bound_to, check_free_for_demo, rebind
from tests.conftest import run_sql
from tests.ledger import Ledger
from tests.runtime.program import ACCOUNTS, jifen, running

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OURS = Binding(ACCOUNTS["OA_APP_ID"], ACCOUNTS["MINIAPP_APP_ID"], "Asia/Shanghai", is_demo=False)
DEMO = Binding(DEMO_OA_APP_ID, DEMO_MINIAPP_APP_ID, "Asia/Shanghai", is_demo=True)
OTHER_ACCOUNT = ACCOUNTS | {"OA_APP_ID": "wx0000000000000009"}


@pytest.fixture
def given(bare_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """A database of its own that belongs to the made-up accounts."""

    async def make() -> None:
        await migrate(bare_url)
        connection = await asyncpg.connect(bare_url)
        await bind(connection, OURS, NOW)
        await connection.close()

    asyncio.run(make())
    return {"DATABASE_URL": bare_url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "var")}


def rows(url: str) -> list[Any]:
    async def read() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch("SELECT * FROM installation ORDER BY id")]
        finally:
            await connection.close()

    return asyncio.run(read())


RULES = str(Path(__file__).parents[2] / "runtime" / "demo" / "rules.yaml")
EVERY_COMMAND = [
    ("serve",), ("serve", "--workers", "2"), ("worker",), ("menu",), ("migrate",), ("audit",),
    ("rules", "publish", RULES, "--base", "0", "--reason", "x"), ("rules", "history"),
    ("members", "settle-clock", "1", "--reason", "x"),
]  # fmt: skip


@pytest.mark.parametrize("words", EVERY_COMMAND, ids=" ".join)
def test_every_command_refuses_a_database_of_another_account(
    words: tuple[str, ...], given: dict[str, str]
) -> None:
    refused(
        words, given | OTHER_ACCOUNT, "JIFEN_OA_APP_ID", OTHER_ACCOUNT["OA_APP_ID"], ACCOUNTS["OA_APP_ID"]
    )


@pytest.mark.parametrize("words", [("serve",), ("rules", "history")], ids=" ".join)
def test_another_time_zone_is_refused(words: tuple[str, ...], given: dict[str, str]) -> None:
    berlin = {"TIMEZONE": "Europe/Berlin"}
    refused(words, given | ACCOUNTS | berlin, "JIFEN_TIMEZONE", "Europe/Berlin", "Asia/Shanghai")


def test_a_command_that_knows_no_account_is_held_to_the_zone(given: dict[str, str]) -> None:
    assert jifen("rules", "history", **given).returncode == 0
    refused(("rules", "history"), given | {"TIMEZONE": "UTC"}, "JIFEN_TIMEZONE")


def refused(words: tuple[str, ...], settings: dict[str, str], *named: str) -> None:
    """The command ends with a sentence that names both values, and the database is as before."""
    before = rows(settings["DATABASE_URL"])
    told = jifen(*words, **settings)
    assert told.returncode == 1
    assert all(word in told.stderr for word in named), told.stderr
    assert "Traceback" not in told.stderr
    assert rows(settings["DATABASE_URL"]) == before


def test_the_first_start_ties_and_the_next_one_is_held_to_it(
    bare_url: str, redis_url: str, tmp_path: Path
) -> None:
    asyncio.run(migrate(bare_url))
    assert rows(bare_url) == []
    shared = {"DATABASE_URL": bare_url, "REDIS_URL": redis_url}
    with running(tmp_path, "serve", **shared) as program:
        program.wait_ready()
    (row,) = rows(bare_url)
    assert row[1:5] == (ACCOUNTS["OA_APP_ID"], ACCOUNTS["MINIAPP_APP_ID"], "Asia/Shanghai", False)
    refused(
        ("worker",), shared | OTHER_ACCOUNT | {"DATA_DIR": str(tmp_path / "var")}, OTHER_ACCOUNT["OA_APP_ID"]
    )


def test_a_migration_ties_a_database_where_the_accounts_are_known(
    bare_url: str, redis_url: str, tmp_path: Path
) -> None:
    shared = {"DATABASE_URL": bare_url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path)}
    assert jifen("migrate", **shared).returncode == 0
    assert rows(bare_url) == []
    assert jifen("migrate", **shared | ACCOUNTS).returncode == 0
    assert len(rows(bare_url)) == 1


def test_a_deliberate_change_is_a_command_with_a_reason(given: dict[str, str]) -> None:
    moved = given | ACCOUNTS | {"TIMEZONE": "Asia/Urumqi"}
    assert jifen("rules", "history", **moved).returncode == 1
    told = jifen("rebind", "--reason", "公司搬家", **moved)
    assert (told.returncode, "Asia/Shanghai" in told.stdout, "Asia/Urumqi" in told.stdout) == (0, True, True)
    assert jifen("rules", "history", **moved).returncode == 0
    assert jifen("rules", "history", **given | ACCOUNTS).returncode == 1, "the settings of before"
    first, second = rows(given["DATABASE_URL"])
    assert (first[3], second[3], second[6]) == ("Asia/Shanghai", "Asia/Urumqi", "公司搬家")
    assert "没有变化" in jifen("rebind", "--reason", "again", **moved).stdout


def test_the_demo_refuses_a_named_database_that_is_not_its_own(given: dict[str, str]) -> None:
    told = jifen("demo", **given)
    assert (told.returncode, "正式的数据库" in told.stdout + told.stderr) == (1, True), (
        told.stdout + told.stderr
    )
    assert "Traceback" not in told.stdout + told.stderr


def test_the_demo_does_not_even_migrate_a_database_that_an_operator_has_set_up(
    bare_url: str, redis_url: str, tmp_path: Path
) -> None:
    asyncio.run(migrate(bare_url))
    told = jifen("demo", DATABASE_URL=bare_url, REDIS_URL=redis_url, DATA_DIR=str(tmp_path))
    assert (told.returncode, "JIFEN_DATABASE_URL" in told.stderr) == (1, True), told.stderr
    assert rows(bare_url) == []


def test_a_server_refuses_the_demos_database(bare_url: str, redis_url: str, tmp_path: Path) -> None:
    asyncio.run(migrate(bare_url))
    tie = "INSERT INTO installation VALUES (1, '{}', '{}', 'Asia/Shanghai', true, now(), '')"
    run_sql(bare_url, tie.format(DEMO.oa_app_id, DEMO.miniapp_app_id))
    OffsetClock(tmp_path / "clock").advance(86_400)
    shared = {"DATABASE_URL": bare_url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path)}
    for words in (("serve",), ("worker",), ("audit",), ("rebind", "--reason", "x")):
        told = jifen(*words, **shared | ACCOUNTS)
        assert (told.returncode, "演示的数据库" in told.stderr) == (1, True), (words, told.stderr)


async def test_two_first_starts_tie_once(ledger: Ledger) -> None:
    async with ledger.rival() as rival:
        pools = [ledger.pool, rival._pool] * 5
        others = OURS._replace(oa_app_id="wx0000000000000008")
        first = await asyncio.gather(
            *(bind(pool, (OURS, others)[n % 2], NOW) for n, pool in enumerate(pools)), return_exceptions=True
        )
    assert [type(one) for one in first].count(WrongDatabase) == 5, "those with the other settings"
    assert await ledger.count("installation") == 1


async def test_members_of_other_app_ids_are_noticed_before_the_first_tie(ledger: Ledger) -> None:
    """A database of an older version, which is tied to nothing: its members tell."""
    await ledger.member(wx00000000000000ff="openid")
    with pytest.raises(WrongDatabase, match="wx00000000000000ff"):
        await bind(ledger.pool, OURS, NOW)
    with pytest.raises(WrongDatabase, match="JIFEN_DATABASE_URL"):
        await check_free_for_demo(ledger.pool, DEMO, named=False)
    assert await bound_to(ledger.pool) is None
    await rebind(ledger.pool, OURS, NOW, "the account was moved")
    assert await bound_to(ledger.pool) == OURS


async def test_the_demo_knows_its_own_members_and_leaves_published_rules_alone(ledger: Ledger) -> None:
    with pytest.raises(WrongDatabase):
        await check_free_for_demo(ledger.pool, DEMO, named=False)
    await ledger.member(**{DEMO_MINIAPP_APP_ID: "openid"})
    for named in (False, True):
        await check_free_for_demo(ledger.pool, DEMO, named=named)
    await bind(ledger.pool, DEMO, NOW)
    with pytest.raises(WrongDatabase, match="不能改成"):
        await rebind(ledger.pool, OURS, NOW, "make it real")


async def test_rows_are_never_changed(ledger: Ledger) -> None:
    await bind(ledger.pool, OURS, NOW)
    await rebind(ledger.pool, OURS._replace(time_zone="UTC"), NOW, "moved")
    await rebind(ledger.pool, OURS, NOW, "moved back")
    found = await ledger.pool.fetch("SELECT id, time_zone, reason FROM installation ORDER BY id")
    assert [tuple(row) for row in found] == [
        (1, "Asia/Shanghai", "first start"), (2, "UTC", "moved"), (3, "Asia/Shanghai", "moved back"),
    ]  # fmt: skip
