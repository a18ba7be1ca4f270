from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.miniapp.stage import Stage, on_stage


@pytest.fixture
async def stage(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> AsyncIterator[Stage]:
    """A phone with the mini-program on it."""
    ports = (unused_tcp_port_factory(), unused_tcp_port_factory())
    async with on_stage(migrated_url, redis_url, tmp_path, ports) as opened:
        yield opened
