"""The supervisor by itself, with programs of a line."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from runtime import supervisor
from runtime.supervisor import CrashLoop, Supervisor
from tests.loyalty.waiting import until

SLEEPS = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
NOTED = "import os, pathlib; pathlib.Path(r'{folder}', str(os.getpid())).touch(); "


def program(text: str, folder: Path) -> list[str]:
    """A program that notes its process id in `folder`, then does as `text` says."""
    return [sys.executable, "-c", NOTED.format(folder=folder) + text]


def pids(folder: Path) -> list[int]:
    """The process ids that were noted."""
    return sorted(int(path.name) for path in folder.iterdir())


async def noted(folder: Path, count: int) -> list[int]:
    """Wait until so many processes have been noted."""

    async def are_there() -> bool:
        return len(pids(folder)) >= count

    await until(are_there, within_s=20)
    return pids(folder)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSES_S", (0.01, 0.02))
    monkeypatch.setattr(supervisor, "STOP_TIMEOUT_S", 0.5)


async def test_a_process_that_dies_is_started_again_and_all_are_ended(tmp_path: Path) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Supervisor(lambda _: program(SLEEPS, tmp_path), 2).run(stop))
    first = await noted(tmp_path, 2)
    psutil.Process(first[0]).kill()
    everybody = await noted(tmp_path, 3)
    assert psutil.pid_exists(first[1])
    stop.set()
    await running
    assert not [pid for pid in everybody if psutil.pid_exists(pid)]


async def test_one_that_ends_at_each_start_ends_the_whole(tmp_path: Path) -> None:
    failing = Supervisor(lambda _: program("raise SystemExit(3)", tmp_path), 1)
    with pytest.raises(CrashLoop, match=r"第 1 个进程连续 5 次一启动就退出（最后的退出码 3）"):
        await asyncio.wait_for(failing.run(asyncio.Event()), 20)
    assert len(pids(tmp_path)) == supervisor.TRIES


async def test_when_one_gives_up_the_others_are_ended(tmp_path: Path) -> None:
    texts = {1: SLEEPS, 2: "raise SystemExit(3)"}
    uneven = Supervisor(lambda number: program(texts[number], tmp_path), 2)
    with pytest.raises(CrashLoop, match="第 2 个"):
        await asyncio.wait_for(uneven.run(asyncio.Event()), 20)
    assert not [pid for pid in pids(tmp_path) if psutil.pid_exists(pid)]


async def test_while_another_is_at_work_it_is_tried_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STEADY_S", 0.5)
    sleepers, failing = tmp_path / "sleepers", tmp_path / "failing"
    sleepers.mkdir()
    failing.mkdir()
    seen: list[int] = []

    def command(number: int) -> list[str]:
        if number == 1:
            return program(SLEEPS, sleepers)
        # The first tries take their time, until the other one counts as steady.
        seen.append(number)
        return program(
            f"import time; time.sleep({0.4 if len(seen) < 4 else 0}); raise SystemExit(3)", failing
        )

    stop = asyncio.Event()
    running = asyncio.create_task(Supervisor(command, 2).run(stop))
    await noted(failing, supervisor.TRIES + 3)
    assert not running.done()
    assert len(pids(sleepers)) == 1
    stop.set()
    await running


async def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Supervisor(lambda _: program(STUBBORN, tmp_path), 1).run(stop))
    [stubborn] = await noted(tmp_path, 1)
    await asyncio.sleep(0.2)
    stop.set()
    await asyncio.wait_for(running, 10)
    assert not psutil.pid_exists(stubborn)


async def test_whoever_has_no_more_patience_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_TIMEOUT_S", 60.0)
    stop = asyncio.Event()
    running = asyncio.create_task(Supervisor(lambda _: program(STUBBORN, tmp_path), 1).run(stop))
    [stubborn] = await noted(tmp_path, 1)
    await asyncio.sleep(0.2)
    stop.set()
    await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.wait({running}, timeout=10)
    assert running.done()
    assert not psutil.pid_exists(stubborn)
