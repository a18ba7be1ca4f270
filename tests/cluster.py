"""The suite on a Citus cluster: JIFEN_TEST_DATABASE_URL is its coordinator, JIFEN_TEST_CITUS_WORKERS has its workers' ports.

The ports stand on the coordinator's host, with spaces or commas between them. Each database of the tests then spans all nodes.
"""

import os
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

WORKERS: Final = "JIFEN_TEST_CITUS_WORKERS"
SHARDS: Final = 4
EXTENSION: Final = "CREATE EXTENSION citus"
Run = Callable[[str, str], object]
"""Runs one statement on the server at a URL."""


def ports() -> list[int]:
    """The workers' ports; none where no cluster is given. Raises ValueError for what is no number."""
    return [int(port) for port in re.split(r"[\s,]+", os.environ.get(WORKERS, "")) if port]


def shards() -> int | None:
    """Into how many shards a test's database is cut; None where it is not distributed."""
    return SHARDS if ports() else None


def span(url: str, run: Run) -> None:
    """Make the new database at `url` one of the whole cluster; nothing without a cluster."""
    workers = ports()
    if not workers:
        return
    database, host, here = urlsplit(url).path.lstrip("/"), urlsplit(url).hostname, urlsplit(url).port
    for port in workers:
        run(on_port(url, port, "postgres"), f"CREATE DATABASE {database}")
        run(on_port(url, port, database), EXTENSION)
    run(url, EXTENSION)
    run(url, f"SELECT citus_set_coordinator_host('{host}', {here or 5432})")
    for port in workers:
        run(url, f"SELECT citus_add_node('{host}', {port})")


def drop(url: str, run: Run) -> None:
    """Remove from the workers what `span` made there."""
    for port in ports():
        database = urlsplit(url).path.lstrip("/")
        run(on_port(url, port, "postgres"), f"DROP DATABASE {database} WITH (FORCE)")


def on_port(url: str, port: int, database: str) -> str:
    """The address of another server of the same host and user."""
    parts = urlsplit(url)
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(netloc=f"{user}{parts.hostname}:{port}", path=f"/{database}").geturl()
