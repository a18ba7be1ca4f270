"""Jifen's own server processes, as an operator starts them."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.child import child
from bench.cpu import family
from bench.errors import NotServing
from bench.ground import NOBODY, Ground, bench_settings, environment
from runtime.programs import running

READY_S = 60
STOP_S = 20
WORKERS = 2


@dataclass(frozen=True)
class Serving:
    """Running servers: their port, and the ids of their parent processes."""

    port: int
    pids: tuple[int, ...]


@contextmanager
def serving(ground: Ground, database: str, workers: int = WORKERS, wechat: str = NOBODY) -> Iterator[Serving]:
    """`jifen serve --workers N` on the database, and wait until every process listens; `wechat` is the address of WeChat's API.

    Raises NotServing.
    """
    port, words = free_port(), ("serve", "--workers", str(workers))
    with program(ground, database, port, *words, wechat=wechat) as process:
        servers = Serving(port, (process.pid,))
        wait_until_listening(servers, workers, ground.folder / "log" / "serve.log")
        yield servers


def program(
    ground: Ground, database: str, port: int, *words: str, wechat: str = NOBODY
) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run `jifen <words>` with the bench's settings; its output goes to the folder of logs."""
    settings = bench_settings(ground, database, http_port=port, metrics_port=free_port(), wechat=wechat)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JIFEN_")}
    return running(
        *words,
        stop_within_s=STOP_S,
        environment=kept | environment(settings),
        folder=ground.folder,
        log=ground.folder / "log" / f"{words[0]}.log",
    )


@contextmanager
def same_answers(body: str, workers: int = 1) -> Iterator[Serving]:
    """Run `workers` processes on one port that answer every request with `body`. Raises NotServing."""
    with ExitStack() as stack:
        port = free_port()
        plan = {"port": port, "body": body}
        children = [stack.enter_context(child("bare", plan)) for _ in range(workers)]
        for one in children:
            one.start()
        servers = Serving(port, tuple(one.pid for one in children))
        wait_until_listening(servers, workers, Path(os.devnull))
        yield servers
        for one in children:
            one.stop()


def free_port() -> int:
    """A port on which no process listens now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_until_listening(servers: Serving, workers: int, log: Path) -> None:
    """Wait until `workers` processes accept requests. Raises NotServing."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and all(psutil.pid_exists(pid) for pid in servers.pids):
        found = [one for pid in servers.pids for one in family(pid)]
        if sum(_listens(one, servers.port) for one in found) >= workers:
            return
        time.sleep(0.1)
    raise NotServing(f"服务没有准备好，详见 {log}")


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        return any(
            one.status == psutil.CONN_LISTEN and one.laddr.port == port
            for one in process.net_connections("tcp")
        )
    except psutil.NoSuchProcess:
        return False
