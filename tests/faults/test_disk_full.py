"""F13: PostgreSQL's disk is full: what is acknowledged is kept, the rest is told so, and it goes on once there is room."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.faults.conftest import DISK_MIB
from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.loyalty.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

KIB = 1024


def resize(disk: Path, kibibytes: int) -> bool:
    """Make the file system that large; whether it could be."""
    return subprocess.run(["mount", "-o", f"remount,size={kibibytes}k", str(disk)]).returncode == 0


def used_kib(disk: Path) -> int:
    """How much of it is used."""
    about = os.statvfs(disk)
    return (about.f_blocks - about.f_bfree) * about.f_frsize // KIB


def fill(disk: Path) -> None:
    """Leave no more room than what is used; if that has grown since it was counted, it is counted again."""
    assert any(resize(disk, used_kib(disk)) for _ in range(100))


@lengths("turns", 1, 30)
async def test_the_disk_is_full(installation: Installation, small_disk: Path | None, turns: int) -> None:
    if small_disk is None:
        pytest.skip("no file system can be mounted here (it takes root and CAP_SYS_ADMIN)")
    for number in range(turns):
        async with open_crowd(installation, 10) as crowd:
            async with crowd.busy(seed=number):
                fill(small_disk)
                try:
                    await until(crowd.is_refused, within_s=20)
                finally:
                    assert resize(small_disk, DISK_MIB * KIB)
                await installation.machine.revive()
            await crowd.check()
            assert "500" not in crowd.history.statuses
