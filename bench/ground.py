"""The ground of a run: its own PostgreSQL and Redis, with the settings of a production server; all data are deleted afterwards."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
from pydantic import SecretStr

from base.settings import PREFIX, Settings
from bench.errors import BenchRuns, DiskTooSmall
from embedded import embedded_servers

SECRET_KEY = "bench-secret-key-of-nobody"  # noqa: S105  # made up

SHARED_BUFFERS_SHARE = 0.25
CACHE_SHARE = 0.6
MIB = 1 << 20
NOBODY = "http://127.0.0.1:9"
"""An address for WeChat's API at which nothing answers."""
BYTES_A_MEMBER = 5_400
"""Tables and indexes per member with the template's history, measured."""
BYTES_BESIDE = 12 << 30
"""For WAL, sorting, and what the measures write."""

BUILDING = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
}
"""Settings while tables are filled, together with fsync off; none is in force during a measurement."""


@dataclass(frozen=True)
class Ground:
    """The servers' addresses and the folder of one run."""

    folder: Path
    database_url: str
    redis_url: str | None

    def database(self, name: str) -> str:
        """The address of another database of the same server."""
        return urlsplit(self.database_url)._replace(path=f"/{name}").geturl()


def production() -> dict[str, str]:
    """The settings an operator would choose for this machine's memory; fsync and synchronous_commit are on by default."""
    memory = psutil.virtual_memory().total
    return {
        "shared_buffers": f"{int(memory * SHARED_BUFFERS_SHARE) // MIB}MB",
        "effective_cache_size": f"{int(memory * CACHE_SHARE) // MIB}MB",
        "max_wal_size": "8GB",
        "min_wal_size": "1GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "wal_buffers": "64MB",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
    }


@contextmanager
def open_ground(folder: Path, build: Callable[[Ground], None], *, large: bool = False) -> Iterator[Ground]:
    """Let `build` fill databases, restart the servers with production settings, and delete everything at the end.

    `large`: the databases are worth an extra start of the server with the settings for filling. Raises BenchRuns and ServersError.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not folder.stat().st_mode & 0o001:
        folder.chmod(0o711)  # PostgreSQL's user must enter the folder if root runs this
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BenchRuns(f"{folder} 里已经有一次测量在进行。") from error
        _delete(folder)  # the data of a killed run
        try:
            if large:
                with embedded_servers(folder, redis=False, fsync=False) as servers:
                    asyncio.run(_alter(servers.database_url, BUILDING))
            with embedded_servers(folder, redis=False, fsync=False) as servers:
                build(Ground(folder, servers.database_url, None))
                asyncio.run(_alter(servers.database_url, production()))
            os.sync()  # no page of the filling is left to be written during a measurement
            with embedded_servers(folder, temporary=True) as servers:
                yield Ground(folder, servers.database_url, servers.redis_url)
        finally:
            _delete(folder)


def check_disk(folder: Path, members: int) -> None:
    """Raise DiskTooSmall when databases of so many members would not fit beside their WAL."""
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = members * BYTES_A_MEMBER + BYTES_BESIDE, shutil.disk_usage(folder).free
    if needed > free:
        raise DiskTooSmall(f"需要 {needed >> 30} GiB 磁盘，{folder} 所在的磁盘只剩 {free >> 30} GiB。")


def _delete(folder: Path) -> None:
    if any((folder / left).exists() for left in ("postgres", "postgres-location")):
        with embedded_servers(folder, redis=False, temporary=True):
            pass


async def _alter(database_url: str, settings: Mapping[str, str]) -> None:
    """Replace all settings by ALTER SYSTEM; they apply from the next start."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("ALTER SYSTEM RESET ALL")
        for name, value in settings.items():
            await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    finally:
        await connection.close()


async def settings_in_force(database_url: str) -> dict[str, str]:
    """The server's version and the settings that we report; they apply to our program and to the baseline."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1::text[]) ORDER BY name",
            [*production(), "fsync", "synchronous_commit", "full_page_writes", "wal_level", "server_version"],
        )
        return {row["name"]: row["value"] for row in rows}
    finally:
        await connection.close()


def bench_settings(
    ground: Ground, database: str, *, http_port: int = 1, metrics_port: int = 1, wechat: str = NOBODY
) -> Settings:
    """Settings with made-up accounts; known members need no call to WeChat. Only servers use the ports."""
    return Settings(
        database_url=ground.database(database),
        redis_url=ground.redis_url,
        data_dir=ground.folder,
        http_port=http_port,
        metrics_port=metrics_port,
        oa_app_id="wxbe9c000000000a01",
        oa_app_secret=SecretStr("be9c" * 8),
        oa_token=SecretStr("JifenBench"),
        oa_encoding_aes_key=SecretStr("JifenBench123456789abcdefghijklmnopqrstuvwx"),
        miniapp_app_id="wxbe9c000000000b02",
        miniapp_app_secret=SecretStr("be9d" * 8),
        wechat_api_base=wechat,
        secret_key=SecretStr(SECRET_KEY),
        member_per_minute=0,
    )


def environment(settings: Settings) -> dict[str, str]:
    """The `JIFEN_*` variables from which a process reads these settings."""
    values = {name: getattr(settings, name) for name in settings.model_fields_set}
    return {
        PREFIX + name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }
