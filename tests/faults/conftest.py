"""One installation for all fault tests of a test process; each test finds it whole and leaves it whole.

JIFEN_TEST_FAULT_ROUNDS=20 makes every test go on twenty times as long.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.installation import Installation, open_installation

DISK_MIB = 6 * 1024
"""Room for a million lots and their log; it is memory, but only what is used of it."""


@pytest.fixture(scope="session")
def rounds() -> int:
    """How many times as much as usual is to be tried."""
    return int(os.environ.get("JIFEN_TEST_FAULT_ROUNDS", "1"))


@pytest.fixture(scope="session")
def small_disk() -> Iterator[Path | None]:
    """A file system of our own that can be made too small; None where none can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="jifen-disk-"))
    options = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0711", "jifen-faults", str(folder)]
    mounted = (
        shutil.which("mount") is not None and subprocess.run(options, capture_output=True).returncode == 0
    )
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def everything(
    tmp_path_factory: pytest.TempPathFactory, small_disk: Path | None
) -> AsyncIterator[Installation]:
    """The installation, started once."""
    folder = tmp_path_factory.mktemp("installation")
    async with open_installation(folder, (small_disk or folder) / "servers") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def installation(everything: Installation) -> AsyncIterator[Installation]:
    """The installation in good order, before and after."""
    await everything.calm()
    yield everything
    await everything.calm()
