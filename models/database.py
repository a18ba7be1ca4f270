"""Opening the database: Tortoise's configuration, migrations, and a check that the schema is the expected one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.migrations.api import migrate as tortoise_migrate

from models.grants import Grant
from models.guards import drop_guards, make_guards
from models.placement import place_tables

MODELS = [
    f"models.{name}"
    for name in (
        "member",
        "ledger",
        "rules",
        "features",
        "earning",
        "outbox",
        "installation",
        "jobs",
        "operators",
        "numbers",
        "partner",
        "webhooks",
    )
]
ASYNCPG_NAMES = {"sslmode": "ssl"}
"""Parameters of a PostgreSQL URL for which asyncpg has names of its own."""

COMMAND_TIMEOUT_S = 20.0
MIGRATIONS_LOCK = 0x6A6966656E  # "jifen"


def tortoise_config(database_url: str, *, pool_size: int) -> dict[str, Any]:
    """Tortoise's configuration for a PostgreSQL URL; `?host=/dir` names a unix socket's folder, as libpq has it."""
    url = urlsplit(database_url)
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    credentials = {
        "host": query.pop("host", None) or url.hostname or "localhost",
        "port": url.port or int(query.pop("port", "5432")),
        "user": unquote(url.username) if url.username else "postgres",
        "password": unquote(url.password) if url.password else None,
        "database": url.path.lstrip("/"),
        "minsize": 1,
        "maxsize": pool_size,
        **{ASYNCPG_NAMES.get(name, name): _number_or_text(value) for name, value in query.items()},
    }
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {
            "jifen": {
                "models": MODELS,
                "migrations": "models.migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _number_or_text(value: str) -> int | str:
    return int(value) if value.isdecimal() else value


@asynccontextmanager
async def open_database(
    database_url: str, *, pool_size: int = 10, command_timeout_s: float | None = COMMAND_TIMEOUT_S
) -> AsyncIterator[asyncpg.Pool]:
    """Initialise Tortoise for reads, and return its asyncpg pool for the engine; one pool per process.

    A statement that takes longer than `command_timeout_s` raises TimeoutError (None: no limit).
    Raises DBConnectionError or OSError when the database cannot be reached.
    """
    config = tortoise_config(database_url, pool_size=pool_size)
    credentials = config["connections"]["default"]["credentials"]
    credentials |= {"command_timeout": command_timeout_s, "reset": _leave_as_it_is}
    context = await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        client = context.connections.get("default")
        if not isinstance(client, AsyncpgDBClient):
            raise TypeError("Jifen speaks PostgreSQL through asyncpg only")
        if client._pool is None:
            await client.create_connection(with_db=True)
        yield client._pool
    finally:
        await context.close_connections()


@asynccontextmanager
async def open_pool(database_url: str, *, size: int) -> AsyncIterator[asyncpg.Pool]:
    """A pool of `size` connections of its own, which users of the shared pool cannot use up. Raises as `open_database`."""
    credentials = tortoise_config(database_url, pool_size=size)["connections"]["default"]["credentials"]
    options = {name: value for name, value in credentials.items() if name not in ("minsize", "maxsize")}
    pool = asyncpg.create_pool(
        min_size=1, max_size=size, command_timeout=COMMAND_TIMEOUT_S, reset=_leave_as_it_is, **options
    )
    async with pool as opened:
        yield opened


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """Do not reset a connection: that costs a round trip, and our code changes settings of transactions only (`SET LOCAL`)."""


async def migrate(
    database_url: str, *, shards: int | None = None, grants: Mapping[str, Grant] | None = None
) -> None:
    """Bring the schema up to date. Several processes may call it at once; a lock lets one of them do the work.

    With `shards` Citus then distributes the tables, members' tables into so many shards. On a database that is already distributed
    new tables are placed in any case. With `grants` triggers forbid what these do not allow. Raises PlacementError.
    """
    lock = await asyncpg.connect(database_url)
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", MIGRATIONS_LOCK)
        await drop_guards(lock)
        try:
            await tortoise_migrate(config=tortoise_config(database_url, pool_size=2))
        finally:
            await Tortoise.close_connections()
        await place_tables(lock, shards)
        if grants is not None:
            await make_guards(lock, grants)
    finally:
        await lock.close()
