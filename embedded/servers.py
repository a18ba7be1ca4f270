"""The embedded servers while they are used: many processes share them, and the last one to leave stops them."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from base.settings import Settings
from embedded import postgres as pg
from embedded import redis as rd
from embedded.errors import DataDirRefused
from embedded.locks import using
from embedded.places import (
    forget_postgres_home,
    forget_socket_folder,
    make_data_dir,
    socket_folder,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Servers:
    """The addresses of the servers, and notes on what had to be repaired to start them.

    `database_url` goes to asyncpg, libpq and Tortoise as it is, `redis_url` to redis-py and ARQ's
    `RedisSettings.from_dsn`; a server that was not requested has "". `notes` are sentences for the operator,
    which have also been logged.
    """

    database_url: str = ""
    redis_url: str = ""
    notes: tuple[str, ...] = ()


@contextmanager
def embedded_servers(
    data_dir: Path,
    *,
    postgres: bool = True,
    redis: bool = True,
    fsync: bool = True,
    temporary: bool = False,
) -> Iterator[Servers]:
    """Use the embedded servers of a DATA_DIR while the block runs: start the requested ones, or share them if they run already.

    Any number of processes may share them, and one process several times. The last one to leave stops them. A killed process leaves
    them running, and the next one takes them over. SIGTERM does not unwind Python's stack, so a program that should leave on
    SIGTERM must turn it into an exception or an ordinary end. Forked children share their parent's use, and the parent should
    outlive them.

    `fsync=False` trades durability for speed, and applies if this process starts the server. `temporary=True` lets the last one to
    leave delete PostgreSQL's data. Both are for tests and measurements.
    It blocks: in a coroutine, enter and leave through `asyncio.to_thread`.

    Raises ServersError with a sentence for the operator.
    """
    data_dir = _made(data_dir)
    with using(data_dir) as use:
        try:
            with use.starting() as alone:
                servers = _ensure(data_dir, alone=alone, postgres=postgres, redis=redis, fsync=fsync)
            yield servers
        finally:
            with _ignoring_interrupts(), use.leaving() as last:
                if last:
                    _stop(data_dir, delete_data=temporary)


@contextmanager
def running_servers(settings: Settings) -> Iterator[Servers]:
    """Use the servers that the settings name, and embedded ones where they name none. See `embedded_servers`."""
    given = Servers(settings.database_url or "", settings.redis_url or "")
    if given.database_url and given.redis_url:
        yield given
        return
    with embedded_servers(
        settings.data_dir, postgres=not given.database_url, redis=not given.redis_url
    ) as servers:
        yield replace(
            servers,
            database_url=given.database_url or servers.database_url,
            redis_url=given.redis_url or servers.redis_url,
        )


def _made(data_dir: Path) -> Path:
    try:
        return make_data_dir(data_dir)
    except OSError as error:
        raise DataDirRefused(f"不能使用数据文件夹 {data_dir}：{error.strerror}") from error


def _ensure(data_dir: Path, *, alone: bool, postgres: bool, redis: bool, fsync: bool) -> Servers:
    run = socket_folder(data_dir)
    servers = Servers()
    if redis:
        redis_server, notes = rd.ensure(data_dir, run, alone=alone)
        servers = replace(servers, redis_url=redis_server.url, notes=(*servers.notes, *notes))
    if postgres:
        database, notes = pg.ensure(data_dir, run, alone=alone, fsync=fsync)
        servers = replace(servers, database_url=database.url, notes=(*servers.notes, *notes))
    for note in servers.notes:
        logger.warning(note)
    return servers


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Ignore a second Ctrl-C while the servers stop, so that none is left running."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(data_dir: Path, *, delete_data: bool) -> None:
    pg.begin_stop(data_dir)
    rd.begin_stop(data_dir)
    rd.stop(data_dir)
    pg.stop(data_dir)
    forget_socket_folder(data_dir)
    if delete_data:
        forget_postgres_home(data_dir)
