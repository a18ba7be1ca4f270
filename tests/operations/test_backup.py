"""A backup is worth what its restore proves: dump and restore, base backup and archived WAL; after each the audit is silent."""

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from embedded.binaries import psql
from loyalty.checkin.commands import CheckIn
from loyalty.engine.engine import Engine
from loyalty.games.commands import Draw
from loyalty.rewards.commands import Redeem
from models.database import migrate
from tests.app_role import app_role
from tests.conftest import run_sql
from tests.debian import as_server, debian_postgres, own, postgres_programs, postgres_tool, started_postgres
from tests.ledger import DAY_S, Ledger, open_ledger
from tests.loyalty.waiting import until
from tests.runtime.program import jifen


async def lively(ledger: Ledger, days: int = 4) -> list[int]:
    """Some members with sign-ins, draws and redemptions."""
    members = [await ledger.member() for _ in range(5)]
    for _ in range(days):
        for member in members:
            await ledger.run(CheckIn, member)
            await ledger.run(Draw, member, wheel="lucky")
            await ledger.run(Redeem, member, reward="cookie")
        ledger.clock.advance(DAY_S)
    return members


def tool(name: str, url: str) -> Path:
    """`pg_dump` or its like, of the server's own version where Debian has it."""
    version = int(str(run_sql(url, "SHOW server_version_num")))
    debian = postgres_programs()
    if version < 180_000 and debian is not None:
        return debian / name
    return psql().parent / name


def carry_out(*words: object) -> None:
    """Run a program to its end. Raises CalledProcessError."""
    subprocess.run([str(word) for word in words], check=True)


def settings(url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path)}


async def test_what_was_dumped_is_restored_and_audited(
    ledger: Ledger, migrated_url: str, bare_url: str, redis_url: str, tmp_path: Path
) -> None:
    members = await lively(ledger)
    dump = tmp_path / "jifen.dump"
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--file={dump}", f"--dbname={migrated_url}"]
    await asyncio.to_thread(carry_out, tool("pg_dump", migrated_url), *words)
    assert dump.stat().st_size > 10_000
    restore = [tool("pg_restore", bare_url), "--no-owner", "--exit-on-error", f"--dbname={bare_url}", dump]
    await asyncio.to_thread(carry_out, *restore)
    with app_role(bare_url, granted=False) as role:
        granted = await asyncio.to_thread(
            jifen, "migrate", "--app-role", role.name, **settings(bare_url, redis_url, tmp_path)
        )
        assert granted.returncode == 0, granted.stderr
        found = await asyncio.to_thread(jifen, "audit", "--json", **settings(role.url, redis_url, tmp_path))
        assert found.returncode == 0, found.stdout + found.stderr
        for member in members:
            assert await balance_of(role.url, member) == await ledger.balance(member)
        async with ledger.rival(role.url) as engine:
            assert await signs_in(engine, ledger, members[0]) == "checked_in"


async def test_a_restore_that_lost_a_row_is_named(
    ledger: Ledger, migrated_url: str, redis_url: str, tmp_path: Path
) -> None:
    member = (await lively(ledger, days=1))[0]
    await ledger.pool.execute("DELETE FROM lot_use WHERE member_id = $1 AND kind = 'spent'", member)
    found = await asyncio.to_thread(jifen, "audit", **settings(migrated_url, redis_url, tmp_path))
    assert found.returncode == 1
    assert f"会员 {member}" in found.stdout


async def balance_of(url: str, member: int) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT available FROM account WHERE member_id = $1", member))
    finally:
        await connection.close()


async def signs_in(engine: Engine, ledger: Ledger, member: int) -> str:
    command = CheckIn(member_id=member, request_key="after", at=ledger.clock.now())
    return (await engine.run(command)).outcome.code


needs_postgresql = pytest.mark.skipif(
    postgres_programs() is None, reason="needs Debian's postgresql (apt-get install postgresql)"
)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose socket paths are short, which another user may pass through."""
    with tempfile.TemporaryDirectory(prefix="jifen-backup-", dir="/tmp") as made:
        path = Path(made)
        path.chmod(0o711)
        yield path


async def two_halves(url: str, folder: Path) -> dict[int, int]:
    """Points before and after a base backup, all of them archived; every member's balance."""
    async with open_ledger(url) as ledger:
        members = await lively(ledger)
        backup = (
            "-h",
            urlsplit(url).hostname,
            "-p",
            urlsplit(url).port,
            "-U",
            "jifen",
            "-c",
            "fast",
            "-X",
            "none",
        )
        await asyncio.to_thread(
            as_server, postgres_tool("pg_basebackup"), "-D", folder / "base", "--no-sync", *backup
        )
        members += await lively(ledger)
        last = await ledger.pool.fetchval("SELECT pg_walfile_name(pg_switch_wal())")

        async def archived() -> bool:
            done = await ledger.pool.fetchval("SELECT last_archived_wal FROM pg_stat_archiver")
            return done is not None and str(done)[8:] >= str(last)[8:]

        await until(archived, within_s=30)
        return {member: await ledger.balance(member) for member in members}


@needs_postgresql
def test_a_base_backup_and_its_wal_bring_back_every_acknowledged_point(
    redis_url: str, tmp_path: Path
) -> None:
    with short_folder() as folder:
        home = folder / "pg"
        own(home / "archive")
        archiving = ("archive_mode=on", f"archive_command=cp %p {home}/archive/%f", "wal_level=replica")
        with debian_postgres(home, *archiving) as url:
            asyncio.run(migrate(url))
            balances = asyncio.run(two_halves(url, home))
        as_server("touch", home / "base" / "recovery.signal")
        with started_postgres(home, "base", f"restore_command=cp {home}/archive/%f %p") as restored:
            found = jifen("audit", "--json", **settings(restored, redis_url, tmp_path))
            assert found.returncode == 0, found.stdout + found.stderr
            assert {member: asyncio.run(balance_of(restored, member)) for member in balances} == balances
            assert len(balances) == 10
