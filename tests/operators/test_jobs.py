"""Jobs: written down, run by one process at a time, continued after a kill without booking twice, stopped from anywhere."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loyalty.checkin.commands import CheckIn
from operators.access.people import disable_operator
from operators.desk import Desk
from operators.jobs import kinds, lease, runner
from operators.jobs.asking import JobFault, begin_job, restart_job, stop_job, take_next_step
from operators.jobs.folders import KEPT, folder_path, new_folder
from operators.jobs.kinds import CONTINUED, Kind
from operators.jobs.lease import LEASE, MOST_ATTEMPTS, Ended
from operators.jobs.rows import Job, find_job, list_jobs, newest_about
from operators.jobs.runner import running_jobs, sweep
from operators.operation_log.pages import Filters, list_operations
from operators.roles import NotAllowed
from tests.ledger import Ledger, demo_rules
from tests.operators.desks import Opened, desk_for, opened, owner_desk
from tests.operators.job_program import STOPS_AT

ROWS = 60
FILE = "会员号,积分,到期日\n" + "".join(f"{number},5,2027-01-31\n" for number in range(1, ROWS + 1))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOOK_S", 0.02)
    monkeypatch.setattr(runner, "BEAT_S", 0.02)


@pytest.fixture
def resources(ledger: Ledger, tmp_path: Path) -> Opened:
    one = opened(ledger)
    return replace(one, settings=one.settings.model_copy(update={"data_dir": tmp_path}))


async def desk_of(ledger: Ledger, resources: Opened, name: str = "小运", role: Any = "operations") -> Desk:
    return replace(await desk_for(ledger, name, role), resources=resources)


async def upload(desk: Desk, text: str = FILE) -> int:
    """Begin the check of a file of balances."""
    folder = new_folder(desk.resources.settings)
    (folder_path(desk.resources.settings, folder) / "余额.csv").write_text(text, encoding="utf-8")
    given = {"kind": "balances", "external": "crm", "by_hand": "", "file": "余额.csv"}
    return await begin_job(desk, "check_import", "试算导入余额", given, folder=folder)


async def job(ledger: Ledger, number: int) -> Job:
    found = await find_job(ledger.pool, number)
    assert found is not None
    return found


async def until(ledger: Ledger, number: int, *states: str) -> Job:
    async with asyncio.timeout(60):
        while (found := await job(ledger, number)).state not in states:  # noqa: ASYNC110  # another process may change it
            await asyncio.sleep(0.02)
    return found


async def points(ledger: Ledger) -> int:
    return int(await ledger.pool.fetchval("SELECT coalesce(sum(available), 0) FROM account"))


async def age(ledger: Ledger) -> None:
    """Let so much time pass that a process without a sign of life counts as dead."""
    await ledger.pool.execute("UPDATE operator_job SET beat_at = beat_at - $1::interval", 2 * LEASE)


@asynccontextmanager
async def another_process(ledger: Ledger, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.operators.job_program", ledger.database_url, str(folder), ledger.clock.now().isoformat(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield program
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


async def test_a_file_is_checked_and_then_booked_once_however_often_it_is_asked(
    ledger: Ledger, resources: Opened
) -> None:
    desk = await desk_of(ledger, resources)
    async with running_jobs(resources):
        checked = await until(ledger, await upload(desk), "done", "failed")
        assert (checked.state, checked.follow, checked.error) == ("done", "导入可以导入的 60 行", "")
        assert await points(ledger) == 0
        numbers = await asyncio.gather(*(take_next_step(desk, checked.number, "导入余额") for _ in range(3)))
        assert len(set(numbers)) == 1
        done = await until(ledger, numbers[0], "done", "failed")
    assert (done.state, done.attempts, await points(ledger)) == ("done", 1, 5 * ROWS)
    assert done.lines[1].startswith("已导入 60 行")
    assert not (folder_path(resources.settings, done.folder) / "余额.csv").exists()
    assert [one.number for one in (await list_jobs(ledger.pool)).rows] == [done.number, checked.number]
    with pytest.raises(JobFault, match="没有下一步"):
        await take_next_step(desk, done.number, "导入余额")


async def test_an_import_goes_on_after_its_process_was_killed(
    ledger: Ledger, resources: Opened, tmp_path: Path
) -> None:
    """SIGKILL in the middle: another process continues the import, and every row is booked exactly once."""
    desk = await desk_of(ledger, resources)
    async with running_jobs(resources):
        number = (await until(ledger, await upload(desk), "done")).number
    imported = await take_next_step(desk, number, "导入余额")
    async with another_process(ledger, tmp_path) as program:
        assert program.stdout is not None
        for step in range(STOPS_AT + 1):
            assert await asyncio.wait_for(program.stdout.readline(), 60) == f"{step}\n".encode()
        os.kill(program.pid, 9)
        await program.wait()
    assert (await job(ledger, imported)).state == "running", "nobody was told"
    before = await points(ledger)
    assert 0 < before < 5 * ROWS
    async with running_jobs(resources):
        await asyncio.sleep(0.1)
        assert (await job(ledger, imported)).state == "running", "its lease has not ended"
        await age(ledger)
        done = await until(ledger, imported, "done", "failed", "interrupted")
    assert (done.state, done.attempts, await points(ledger)) == ("done", 2, 5 * ROWS)
    assert f"以前已经有的 {before // 5} 行" in done.lines[1]


async def test_what_a_person_must_begin_again_is_named_interrupted(ledger: Ledger, resources: Opened) -> None:
    """An export whose process is gone; and an import that ended its process again and again."""
    desk = await desk_of(ledger, resources)
    given = {"what": "members", "suffix": ".csv", "whole_phones": False}
    exported = await begin_job(desk, "export", "导出会员", given, folder=new_folder(resources.settings))
    claimed = await lease.claim(ledger.pool, "dead")
    assert claimed is not None
    await age(ledger)
    await lease.take_from_the_dead(ledger.pool, CONTINUED, ledger.clock.now())
    assert (await job(ledger, exported)).state == "interrupted"
    await restart_job(desk, exported)
    with pytest.raises(JobFault, match="不用重新开始"):
        await restart_job(desk, exported)
    async with running_jobs(resources):
        done = await until(ledger, exported, "done", "failed")
    (name,) = done.files
    assert (folder_path(resources.settings, done.folder) / name).read_text("utf-8-sig").startswith("本系统")
    checking = await upload(desk)
    for attempt in range(MOST_ATTEMPTS):
        assert (await job(ledger, checking)).state == "waiting", attempt
        await lease.claim(ledger.pool, "dead")
        await age(ledger)
        await lease.take_from_the_dead(ledger.pool, CONTINUED, ledger.clock.now())
    assert (await job(ledger, checking)).state == "interrupted"


async def test_two_processes_never_run_one_job_twice(
    ledger: Ledger, resources: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    async def work(_desk: Desk, one: Job, _folder: Path, _tell: kinds.Tell) -> Ended:
        begun.append(one.number)
        await asyncio.sleep(0.02)
        return Ended("done", ["好了"])

    monkeypatch.setattr(runner, "KINDS", {"backtest": Kind(work, continued=False)})
    desk = await desk_of(ledger, resources)
    numbers = [await begin_job(desk, "backtest", "回测", {}, subject=f"one-{place}") for place in range(8)]
    async with running_jobs(resources), running_jobs(resources), running_jobs(resources):
        for number in numbers:
            await until(ledger, number, "done")
    assert sorted(begun) == numbers
    assert (await newest_about(ledger.pool, "one-3") or await job(ledger, 0)).number == numbers[3]
    assert await newest_about(ledger.pool, "") is None


async def test_a_job_is_stopped_from_anywhere_and_a_process_that_ends_leaves_its_jobs(
    ledger: Ledger, resources: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(_desk: Desk, _one: Job, _folder: Path, tell: kinds.Tell) -> Ended:
        tell(3, 10)
        await asyncio.Event().wait()
        return Ended("done")

    for_ever = {"backtest": Kind(work, continued=False), "check_import": Kind(work, continued=True)}
    monkeypatch.setattr(runner, "KINDS", for_ever)
    desk = await desk_of(ledger, resources)
    other = await desk_of(ledger, resources, "小张", "operations")
    number, waits = await begin_job(desk, "backtest", "回测", {}), 0
    async with running_jobs(resources):
        await until(ledger, number, "running")
        async with asyncio.timeout(30):
            while (await job(ledger, number)).done != 3:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.02)
        with pytest.raises(NotAllowed, match="只有开始这个任务的人和老板"):
            await stop_job(other, number)
        await stop_job(owner_desk(ledger), number)
        stopped = await until(ledger, number, "stopped")
        assert stopped.ended_at is not None
        with pytest.raises(JobFault, match="已经结束"):
            await stop_job(desk, number)
        with pytest.raises(NotAllowed, match="只有开始这个任务的人能"):
            await restart_job(other, number)
        left = [await upload(desk), await begin_job(desk, "backtest", "回测", {})]
        for one in left:
            await until(ledger, one, "running")
        waits = await begin_job(desk, "backtest", "第三个", {})
    assert [(await job(ledger, one)).state for one in left] == ["waiting", "interrupted"]
    await stop_job(desk, waits)
    assert (await job(ledger, waits)).state == "stopped"
    rows = await list_operations(ledger.pool, Filters(action="look_rules"))
    assert [row.after["does"] for row in rows] == ["stop_job", "stop_job"]


async def test_a_process_that_lost_its_job_changes_nothing(ledger: Ledger, resources: Opened) -> None:
    desk = await desk_of(ledger, resources)
    number = await begin_job(desk, "backtest", "回测", {})
    assert await lease.claim(ledger.pool, "slow") is not None
    await age(ledger)
    await lease.take_from_the_dead(ledger.pool, ("backtest",), ledger.clock.now())
    assert await lease.claim(ledger.pool, "second") is not None
    assert await lease.claim(ledger.pool, "third") is None
    assert await lease.beat(ledger.pool, "slow", number, 9, 9) is None
    assert not await lease.end(ledger.pool, "slow", number, Ended("failed", error="x"), ledger.clock.now())
    await lease.give_back(ledger.pool, "slow", number, CONTINUED, ledger.clock.now())
    assert (await job(ledger, number)).state == "running"
    ended = Ended("done", ["好\0"], error="\0")  # a line may quote a cell
    assert await lease.end(ledger.pool, "second", number, ended, ledger.clock.now())
    assert (await job(ledger, number)).lines == ["好"]


FAULTS: list[tuple[Mapping[str, object], str]] = [
    ({"what": "nothing", "suffix": ".csv", "whole_phones": False}, "请选要导出什么"),
    ({"what": "members", "suffix": ".exe", "whole_phones": False}, ".csv 或 .xlsx"),
    ({"what": "members", "suffix": ".csv", "whole_phones": True}, "审计不能查看完整手机号"),
    ({}, "没有做完：KeyError。详情在后台的日志里"),
]


async def test_what_cannot_be_done_ends_in_a_sentence(ledger: Ledger, resources: Opened) -> None:
    desk = await desk_of(ledger, resources, "小审", "auditor")
    with pytest.raises(NotAllowed):
        await upload(desk)
    async with running_jobs(resources):
        for given, said in FAULTS:
            number = await begin_job(desk, "export", "导出", given, folder=new_folder(resources.settings))
            assert said in (await until(ledger, number, "failed")).error
    gone = await begin_job(desk, "export", "导出", FAULTS[0][0])
    await disable_operator(owner_desk(ledger), "小审")
    async with running_jobs(resources):
        assert "已经停用" in (await until(ledger, gone, "failed")).error


async def test_a_backtest_is_a_job_whose_result_is_found_by_its_rules(
    ledger: Ledger, resources: Opened
) -> None:
    await ledger.run(CheckIn, await ledger.member())
    desk, rules, since = await desk_of(ledger, resources), demo_rules(), ledger.clock.now()
    ledger.clock.advance(60)
    given = {"rules": rules.model_dump(mode="json"), "since": since.isoformat()}
    number = await begin_job(desk, "backtest", "回测", given, subject=rules.digest)
    async with running_jobs(resources):
        done = await until(ledger, number, "done", "failed")
    assert "重放了" in done.lines[0], done.error
    assert await newest_about(ledger.pool, rules.digest) == done


async def test_files_are_kept_for_a_day_and_rows_for_ninety(ledger: Ledger, resources: Opened) -> None:
    desk = await desk_of(ledger, resources)
    waits, folder = await upload(desk), new_folder(resources.settings)
    fresh = new_folder(resources.settings)
    long_ago = time.time() - KEPT.total_seconds() - 60
    for name in (folder, (await job(ledger, waits)).folder):
        os.utime(folder_path(resources.settings, name), (long_ago, long_ago))
    await sweep(resources)
    kept = {one.name for one in folder_path(resources.settings, "").iterdir()}
    assert kept == {fresh, (await job(ledger, waits)).folder}, "the folder of a waiting job stays"
    await stop_job(desk, waits)
    await ledger.pool.execute("UPDATE operator_job SET beat_at = beat_at - $1::interval", 2 * lease.KEPT)
    await sweep(resources)
    assert await find_job(ledger.pool, waits) is None
