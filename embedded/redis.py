"""The embedded Redis: starts, takes over and stops it.

Callers hold the start lock. It listens on a Unix socket only and stores nothing on disk: everything in it (ARQ's ticks, access
tokens, rate limits) can be lost, so a file would only restore stale values. It runs as the user of this process, and no other user
can reach its socket.
"""

import logging
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis

from embedded import processes
from embedded.account import ourselves, run_as
from embedded.binaries import redis_server
from embedded.errors import ServerBusy, ServerStartFailed

logger = logging.getLogger(__name__)

NAME = "Redis"
PROGRAM = "redis-server"
START_S = 20
STOP_S = 20


@dataclass(frozen=True)
class RedisServer:
    """One Redis server: its DATA_DIR and the folder of its socket."""

    data_dir: Path
    run: Path

    @property
    def log(self) -> Path:
        """The log of the present or last run."""
        return self.data_dir / "log" / "redis.log"

    @property
    def socket(self) -> Path:
        """The Unix socket."""
        return self.run / "redis.sock"

    @property
    def url(self) -> str:
        """The address, understood by redis-py and by ARQ's `RedisSettings.from_dsn`."""
        return f"unix://{self.socket}"


def ensure(data_dir: Path, run: Path, *, alone: bool) -> tuple[RedisServer, list[str]]:
    """Return the server of a DATA_DIR, running and answering, with notes on what had to be repaired.

    `alone`: no other process uses it, so a server that does not answer may be restarted. Raises a ServersError.
    """
    server = RedisServer(data_dir, run)
    if _answers(server):
        return server, [f"接管了上次留下的 {NAME}"] if alone else []
    notes = []
    if _processes(data_dir):
        if not alone:
            raise ServerBusy(NAME)
        notes.append(f"上次留下的 {NAME} 没有应答，已重新启动")
        _kill(data_dir)
    elif server.socket.exists():
        notes.append(f"上次 {NAME} 没有正常停止，已重新启动")
    _start(server)
    return server, notes


def begin_stop(data_dir: Path) -> None:
    """Ask the server of a DATA_DIR to stop, if there is one; it has nothing to save."""
    processes.send(_processes(data_dir), signal.SIGTERM)


def stop(data_dir: Path) -> None:
    """Stop the server of a DATA_DIR and wait until it has ended; kill it if it does not."""
    begin_stop(data_dir)
    if not processes.have_ended(_processes(data_dir), STOP_S):
        logger.warning("%s 在 %s 秒内没有停下来，强制结束它", NAME, STOP_S)
        _kill(data_dir)


def _processes(data_dir: Path) -> list[psutil.Process]:
    return processes.find(PROGRAM, processes.mark_of(data_dir))


def _kill(data_dir: Path) -> None:
    hanging = _processes(data_dir)
    processes.send(hanging, signal.SIGKILL)
    processes.have_ended(hanging, STOP_S)


def _answers(server: RedisServer) -> bool:
    client = redis.Redis(unix_socket_path=str(server.socket), socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _start(server: RedisServer) -> None:
    server.log.unlink(missing_ok=True)
    options: dict[str, str | Path] = {
        "proc-title-template": f"{{title}} {{unixsocket}} {processes.mark_of(server.data_dir)}",
        "port": "0",
        "unixsocket": server.socket,
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "daemonize": "yes",
        "pidfile": server.run / "redis.pid",
        "logfile": server.log,
        "dir": server.run,
    }
    command: list[str | Path] = [redis_server()]
    for name, value in options.items():
        command += [f"--{name}", value]
    if run_as(ourselves(), command) != 0 or not _answers_soon(server):
        raise ServerStartFailed(NAME, server.log)


def _answers_soon(server: RedisServer) -> bool:
    until = time.monotonic() + START_S
    while not _answers(server):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
