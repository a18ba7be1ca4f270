"""Imports by booking processes: each line once, each member's lines in order, and an import goes on when a process was killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from base.settings import Settings
from loyalty.audit import audit
from loyalty.bookers import Bookers, open_bookers
from loyalty.engine.transactions import EngineUnavailable
from loyalty.imports.commands import ImportBalance
from moving import importing
from moving.balances import BALANCES
from tests.ledger import KEYS, Ledger
from tests.moving.tables import imported, written

NOT_IN_ORDER = """
SELECT count(*) FROM (
    SELECT split_part(ref, ':', 2)::int < lag(split_part(ref, ':', 2)::int) OVER (PARTITION BY member_id ORDER BY no) AS back
    FROM receipt WHERE scope = 'import'
) one WHERE back
"""


@asynccontextmanager
async def bookers(ledger: Ledger, processes: int = 2) -> AsyncIterator[Bookers]:
    settings = Settings(database_url=ledger.database_url)
    async with open_bookers(settings, ledger.clock, processes, batch_size=64) as opened:
        await opened.started()
        yield opened


def running() -> list[psutil.Process]:
    """The booking processes; not the tracker of resources that Python starts beside them."""
    return [one for one in psutil.Process().children() if any("spawn_main" in word for word in one.cmdline())]


async def test_each_line_is_booked_once_and_each_members_in_order(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run answers in this process what two others have booked."""
    monkeypatch.setattr(importing, "CHUNK", 100)
    lines = [f"{member},{member},2099-01-{day:02}" for day in range(1, 9) for member in range(1, 51)]
    file = written(tmp_path / "b.csv", "会员号,积分,到期日", *lines, "51,,", "52,0,")
    async with bookers(ledger) as opened:
        assert len(running()) == 2
        first = await imported(ledger, BALANCES, file, bookers=opened)
    assert running() == []
    assert (first.done, first.already, first.created, first.bad) == (401, 0, 51, 1)
    assert await ledger.pool.fetchval(NOT_IN_ORDER) == 0
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 8 * sum(range(1, 51))
    second = await imported(ledger, BALANCES, file)
    assert (second.done, second.already) == (1, 400)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_an_import_goes_on_after_a_booking_process_was_killed(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 50)
    file = written(tmp_path / "b.csv", "会员号,积分", *(f"{number},{number}" for number in range(1, 1001)))
    async with bookers(ledger) as opened:
        whole = asyncio.create_task(imported(ledger, BALANCES, file, bookers=opened))
        while await ledger.count("receipt", scope="import") < 60:  # noqa: ASYNC110  # rows in the database
            await asyncio.sleep(0.001)
        running()[0].kill()
        with pytest.raises(EngineUnavailable):
            await whole
        with pytest.raises(EngineUnavailable):
            await opened.started()
    booked = await ledger.count("receipt", scope="import")
    assert booked < 1000
    rest = await imported(ledger, BALANCES, file)
    assert (rest.done, rest.already) == (1000 - booked, booked)
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 500_500
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_an_error_in_a_booking_process_is_raised_here(ledger: Ledger) -> None:
    """A command whose fact cannot be stored fails alone; the process goes on."""
    member_id, now = await ledger.member(), ledger.clock.now()
    bad, good = (
        ImportBalance(
            member_id=member_id,
            request_key=f"test:{file[:1]}",
            at=now,
            actor="operator",
            file=file,
            line=1,
            points=1,
        )
        for file in ("\0", "f" * 64)
    )
    async with bookers(ledger, 1) as opened:
        with pytest.raises(Exception, match="0x00"):
            await opened.run_all([bad])
        (decision,) = await opened.run_all([good])
        assert decision.outcome.code == "balance_imported"


KILLED = """
import asyncio, os, signal, sys
import psutil
from base.clock import SystemClock
from base.settings import Settings
from loyalty.bookers import open_bookers

async def main():
    async with open_bookers(Settings(database_url=sys.argv[1]), SystemClock(), 1, batch_size=8) as opened:
        await opened.started()
        print([one.pid for one in psutil.Process().children() if "spawn_main" in str(one.cmdline())][0], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_booking_processes_end_with_the_import(ledger: Ledger, tmp_path: Path) -> None:
    """Also when it is killed: nobody would tell them."""
    program = tmp_path / "killed.py"
    program.write_text(KILLED)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), ledger.database_url,
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    assert await process.wait() == -signal.SIGKILL
    async with asyncio.timeout(30):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
