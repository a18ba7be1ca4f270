"""Debian's own PostgreSQL, Redis and PgBouncer, each started privately in a folder of the test's."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from embedded.account import Account, for_postgres
from tests.runtime.program import free_port

START_TIMEOUT_S = 30
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def postgres_programs() -> Path | None:
    """The folder of Debian's newest PostgreSQL programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


def postgres_tool(name: str) -> Path:
    """One of `postgres_programs()`. Raises FileNotFoundError."""
    folder = postgres_programs()
    if folder is None:
        raise FileNotFoundError("postgresql")
    return folder / name


def program(name: str) -> Path | None:
    """A program of the system's, or None."""
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/usr/local/bin")
    return Path(found) if found else None


@contextmanager
def debian_postgres(folder: Path, *options: str) -> Iterator[str]:
    """A new PostgreSQL in `folder` that speaks TCP and trusts whoever comes; the address of its database as superuser `jifen`.

    As root it runs as an unprivileged user, which is given the folder. Needs `postgres_programs()`.
    """
    own(folder)
    words = (
        "-D",
        folder / "data",
        "-U",
        "jifen",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    as_server(postgres_tool("initdb"), *words)
    with started_postgres(folder, "data", *options) as url:
        yield url


@contextmanager
def started_postgres(folder: Path, data: str, *options: str) -> Iterator[str]:
    """A PostgreSQL on the data that lie in `folder / data`; its address as that of `debian_postgres`."""
    port, host = str(free_port()), "127.0.0.1"
    settings = [f"-c{option}" for option in (*QUICK, *options)]
    words = (postgres_tool("postgres"), "-D", folder / data, "-k", folder, "-h", host, "-p", port, *settings)
    ready = (postgres_tool("pg_isready"), "-q", "-h", host, "-p", port)
    with _running(folder, *words, ready=lambda: subprocess.run(ready, check=False).returncode == 0):
        yield f"postgresql://jifen@{host}:{port}/postgres"


@contextmanager
def debian_redis(folder: Path) -> Iterator[str]:
    """A Redis in `folder` that keeps nothing; its address. Needs `program("redis-server")`."""
    server, client, port = program("redis-server"), program("redis-cli"), str(free_port())
    if server is None or client is None:
        raise FileNotFoundError("redis-server")
    own(folder)
    keeps_nothing = ("--save", "", "--appendonly", "no")
    words = (server, "--port", port, "--bind", "127.0.0.1", "--dir", folder, *keeps_nothing)
    ping = (client, "-p", port, "ping")

    def ready() -> bool:
        return b"PONG" in subprocess.run(ping, check=False, capture_output=True).stdout

    with _running(folder, *words, ready=ready):
        yield f"redis://127.0.0.1:{port}"


@contextmanager
def debian_pgbouncer(folder: Path, database_url: str, *users: str) -> Iterator[str]:
    """A PgBouncer in transaction mode before a server of `debian_postgres`; the same database's address through it."""
    server, port, url = program("pgbouncer"), free_port(), urlsplit(database_url)
    if server is None:
        raise FileNotFoundError("pgbouncer")
    own(folder)
    (folder / "users.txt").write_text("".join(f'"{name}" ""\n' for name in users), encoding="utf-8")
    (folder / "pgbouncer.ini").write_text(
        f"""
[databases]
* = host={url.hostname} port={url.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder / "users.txt"}
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
""",
        encoding="utf-8",
    )
    with _running(folder, server, folder / "pgbouncer.ini", ready=lambda: listens(port)):
        yield url._replace(netloc=f"{url.username}@127.0.0.1:{port}").geturl()


def own(folder: Path) -> None:
    """Make a folder that belongs to the user the servers run as."""
    user = for_postgres()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(folder, user.uid, user.gid)


def as_server(*words: object) -> None:
    """Run a program to its end as the user the servers run as. Raises CalledProcessError."""
    subprocess.run(
        [str(word) for word in words], check=True, capture_output=True, cwd="/", **_as(for_postgres())
    )


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@contextmanager
def _running(folder: Path, *words: object, ready: Callable[[], bool]) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(word) for word in words],
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=folder,
            **_as(for_postgres()),
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not ready():
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # a fast end for all three
        try:
            process.wait(START_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _as(user: Account) -> dict[str, Any]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    who: dict[str, Any] = {"env": clean | {"LC_ALL": "C"}, "start_new_session": True}
    return who if user.is_us else who | {"user": user.uid, "group": user.gid, "extra_groups": []}
