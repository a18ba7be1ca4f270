"""A webhook that listens and an emulator that pushes to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator.harness import Emulator, running_emulator
from tests.emulator.webhook import Webhook, listening_webhook


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with listening_webhook() as hook:
        yield hook


@pytest.fixture
async def emulator(tmp_path: Path, webhook: Webhook) -> AsyncIterator[Emulator]:
    async with running_emulator(tmp_path, webhook.url) as running:
        yield running
