"""Jifen's own server processes, as an operator starts them."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from jifen.runtime.bench.errors import NotServing
from jifen.runtime.bench.ground import Ground, bench_settings, environment

READY_S = 60
STOP_S = 20
FIRST_PORT = 18_480
WORKERS = 2


@dataclass(frozen=True)
class Serving:
    """Running servers: the ports that take requests and the processes at their heads."""

    ports: list[int]
    pids: list[int]


@contextmanager
def serving(ground: Ground, database: str, workers: int = WORKERS) -> Iterator[Serving]:
    """`jifen serve` with so many processes on the database, ready."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(_started(ground, database, FIRST_PORT + 2 * number))
            for number in range(workers)
        ]
        ports = [FIRST_PORT + 2 * number for number in range(workers)]
        for process, port in zip(processes, ports, strict=True):
            _wait_until_ready(process, port, ground.folder)
        yield Serving(ports, [process.pid for process in processes])


@contextmanager
def _started(ground: Ground, database: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    settings = bench_settings(ground, database, http_port=port, metrics_port=port + 1)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JIFEN_")}
    with (ground.folder / "log" / f"serve-{port}.log").open("ab") as log:
        process = subprocess.Popen(  # our own
            [sys.executable, "-m", "jifen.runtime.cli", "serve"],
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


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:  # http here
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise NotServing(f"服务没有准备好，详见 {folder}/log/serve-{port}.log")
