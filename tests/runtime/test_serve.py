"""`jifen serve` as real processes: several on one port, one that dies is replaced, and none is ever left behind."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import psutil
import pytest

from embedded.processes import have_ended
from models.guards import drop_guards
from tests.app_role import app_role
from tests.runtime.program import START_TIMEOUT_S, Program, answers, running, sockets

pytestmark = pytest.mark.slow

CONNECTIONS = 64


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, given: dict[str, str]) -> Iterator[Program]:
    """Two processes on one port, for tests that only look at them."""
    with running(tmp_path_factory.mktemp("lasting"), "serve", "--workers", "2", **given) as program:
        program.wait_children(2)
        yield program


@pytest.fixture
def pair(tmp_path: Path, given: dict[str, str]) -> Iterator[Program]:
    """Two processes on one port, both serving."""
    with running(tmp_path, "serve", "--workers", "2", **given) as program:
        program.wait_children(2)
        yield program


def test_connections_are_spread_over_the_processes(lasting: Program) -> None:
    port = int(lasting.settings["HTTP_PORT"])
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            wire = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.recv(4096).startswith(b"HTTP/1.1 200")
        shares = [
            sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in sockets(child))
            for child in lasting.serving()
        ]
    assert sum(shares) == CONNECTIONS
    assert min(shares) >= CONNECTIONS // 8, shares


def test_a_process_that_dies_is_replaced_and_the_others_go_on(pair: Program) -> None:
    first, second = pair.serving()
    first.kill()
    # Not a zombie any more: with a thread still ending, its listening socket lived a moment longer.
    pair.until(lambda: not first.is_running())
    for _ in range(20):
        assert answers(f"{pair.url}/healthz")
    assert first.pid not in {child.pid for child in pair.wait_children(2)}
    assert second.is_running()
    assert pair.stop() == 0


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all(pair: Program, signum: signal.Signals) -> None:
    children = pair.children()
    assert pair.stop(signum) == 0, pair.said()
    assert have_ended(children, 0)
    assert "Traceback" not in pair.said()


def test_every_line_says_which_process_wrote_it(lasting: Program) -> None:
    pids = {child.pid for child in lasting.children()}
    lasting.until(lambda: lasting.said().count('"serving"') == len(pids))
    lines = [json.loads(line) for line in lasting.said().splitlines()]
    serving = {line["process"]: line["pid"] for line in lines if line["event"] == "serving"}
    assert set(serving) == {"serve-1", "serve-2"}
    assert set(serving.values()) == pids
    assert {line["pid"] for line in lines if line["process"] == "serve"} == {lasting.process.pid}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_told_once(
    tmp_path: Path, given: dict[str, str], lasting: Program, workers: str
) -> None:
    taken = lasting.settings["HTTP_PORT"]
    ports = {"HTTP_PORT": taken}
    with running(tmp_path, "serve", "--workers", workers, **given, **ports) as late:
        assert late.process.wait(30) == 1
        told = [line for line in late.said().splitlines() if not line.startswith("{")]
    (sentence,) = told
    assert f"端口 {taken} 已被别的程序占用" in sentence
    assert "JIFEN_HTTP_PORT" in sentence
    assert "Traceback" not in late.said()
    assert answers(f"{lasting.url}/readyz")


def servers_of(program: Program) -> list[psutil.Process]:
    """The embedded servers that its DATA_DIR's record points to."""
    where = Path(program.settings["DATA_DIR"], "run").read_text().strip()
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if where in " ".join(process.info["cmdline"] or ()) and "runtime.cli" not in process.info["cmdline"]
    ]


def test_killing_the_supervisor_leaves_nothing_running(tmp_path: Path) -> None:
    with running(tmp_path, "migrate") as first:
        assert first.process.wait(60) == 0, first.said()
    with running(tmp_path, "serve", "--workers", "2") as program:
        program.wait_children(2)
        family = [*program.children(), *servers_of(program)]
        assert len(family) >= 4
        program.process.kill()
        program.process.wait()
        began = time.monotonic()
        assert have_ended(family, START_TIMEOUT_S), program.said()
        print(f"all gone after {time.monotonic() - began:.1f} s")
    assert program.said().count('"supervisor_exited"') == 2


async def without_guards(url: str) -> None:
    """Remove the triggers that a test of `jifen migrate` may have left: with them nobody can edit the ledger."""
    connection = await asyncpg.connect(url)
    await drop_guards(connection)
    await connection.close()


@pytest.mark.parametrize(("guard", "told"), [("refuse", 1), ("warn", 0), ("off", 0)])
def test_a_role_that_may_edit_the_ledger(
    tmp_path: Path, given: dict[str, str], guard: str, told: int
) -> None:
    asyncio.run(without_guards(given["DATABASE_URL"]))
    with running(tmp_path, "serve", **given, LEDGER_GUARD=guard) as program:
        if guard == "refuse":
            assert program.process.wait(60) == told
            assert "可以改动或删除账目" in program.said()
            assert "entry" in program.said()
            assert "Traceback" not in program.said()
            return
        program.wait_ready()
        assert program.stop() == told
        assert ('"ledger_can_be_rewritten"' in program.said()) == (guard == "warn")


def test_a_role_that_may_not_serves(tmp_path: Path, given: dict[str, str]) -> None:
    with (
        app_role(given["DATABASE_URL"]) as role,
        running(tmp_path, "serve", **given | {"DATABASE_URL": role.url}, LEDGER_GUARD="refuse") as program,
    ):
        program.wait_ready()
        assert program.stop() == 0
