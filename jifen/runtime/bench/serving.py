"""Jifen's own server processes, as an operator starts them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from jifen.runtime.bench.cpu import family
from jifen.runtime.bench.errors import NotServing
from jifen.runtime.bench.ground import Ground, bench_settings, environment

READY_S = 60
STOP_S = 20
WORKERS = 2
PORT = 18_480


@dataclass(frozen=True)
class Serving:
    """Running servers: the port that takes requests and the process at their head."""

    port: int
    pid: int


@contextmanager
def serving(ground: Ground, database: str, workers: int = WORKERS) -> Iterator[Serving]:
    """`jifen serve --workers N` on the database, every process of it listening. Raises NotServing."""
    with program(ground, database, "serve", "--workers", str(workers)) as process:
        _wait_until_listening(process, workers, ground.folder)
        yield Serving(PORT, process.pid)


@contextmanager
def program(ground: Ground, database: str, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of ours with the bench's settings; its log is in the folder of logs."""
    settings = bench_settings(ground, database, http_port=PORT, metrics_port=PORT + 1)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JIFEN_")}
    with (ground.folder / "log" / f"{words[0]}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # our own
            [sys.executable, "-m", "jifen.runtime.cli", *words],
            env=kept | environment(settings), cwd=ground.folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(process: "subprocess.Popen[bytes]", workers: int, folder: Path) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if sum(_listens(one) for one in family(process.pid)) >= workers:
            return
        time.sleep(0.1)
    raise NotServing(f"服务没有准备好，详见 {folder}/log/serve.log")


def _listens(process: psutil.Process) -> bool:
    try:
        return any(
            one.status == psutil.CONN_LISTEN and one.laddr.port == PORT
            for one in process.net_connections("tcp")
        )
    except psutil.NoSuchProcess:
        return False
