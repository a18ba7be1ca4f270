"""A shop with its console, for all tests of a file: on an emptied database with the demo's rules."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import Browser, async_playwright

from operators.access import passwords
from tests.browser import CHROMIUM, QUIET
from tests.console.desks import Desks
from tests.console.shop import Shop, open_shop
from tests.ledger import open_ledger


@pytest.fixture(scope="module")
def cheap_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1))
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    migrated_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory, cheap_hashes: None
) -> AsyncIterator[Shop]:
    async with (
        open_ledger(migrated_url) as ledger,
        open_shop(ledger, redis_url, tmp_path_factory.mktemp("console")) as shop,
    ):
        yield shop


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(shop: Shop, browser: Browser) -> AsyncIterator[Desks]:
    """A page of a browser for each role, logged in."""
    opened = Desks(shop, browser)
    yield opened
    await opened.close()
