"""`jifen console` as a real process: asked to end, it gives its jobs back at once and exits with 0; the next goes on."""

import asyncio
import os
from pathlib import Path

import pytest

from operators.jobs.asking import begin_job
from operators.jobs.folders import PLACE
from operators.jobs.rows import Job, find_job
from tests.ledger import Ledger
from tests.operators.desks import owner_desk
from tests.runtime.program import Program, answers, free_port, running

pytestmark = pytest.mark.slow
ROWS = 200_000


async def at_console(program: Program) -> None:
    url = f"http://127.0.0.1:{program.settings['CONSOLE_PORT']}/healthz"
    await asyncio.to_thread(program.until, lambda: answers(url))


async def test_a_console_that_is_asked_to_end_leaves_its_jobs_to_the_next(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    folder = data / PLACE / "one"
    await asyncio.to_thread(os.makedirs, folder)
    lines = "".join(f"{number},5,2099-01-31\n" for number in range(1, ROWS + 1))
    await asyncio.to_thread((folder / "余额.csv").write_text, f"会员号,积分,到期日\n{lines}", "utf-8")
    asked = {"kind": "balances", "external": "crm", "by_hand": "", "file": "余额.csv"}
    number = await begin_job(owner_desk(ledger), "check_import", "试算导入余额", asked, folder="one")

    async def job() -> Job:
        found = await find_job(ledger.pool, number)
        assert found is not None
        return found

    settings = given | {"DATA_DIR": str(data), "CONSOLE_PORT": str(free_port())}
    with running(tmp_path, "console", **settings) as program:
        await at_console(program)
        async with asyncio.timeout(60):
            while not (await job()).done:  # noqa: ASYNC110  # another process changes it
                await asyncio.sleep(0.02)
        assert await asyncio.to_thread(program.stop) == 0, program.said()
    assert ((await job()).state, (await job()).attempts) == ("waiting", 1)
    with running(tmp_path, "console", **settings) as program:
        async with asyncio.timeout(120):
            while (await job()).state != "done":  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.1)
        assert await asyncio.to_thread(program.stop) == 0, program.said()
    assert (await job()).lines[1].startswith("这是试算，什么也没有写。共 200,000 行")
