"""A webhook that listens and an emulator that pushes to it; the phone page in a browser, in front of a process of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.alive import until_alive
from tests.browser import CHROMIUM, QUIET
from tests.emulator import phone_program
from tests.emulator.harness import Emulator, running_emulator
from tests.emulator.made_up_app import AppServer, listening_app_server
from tests.emulator.webhook import Webhook, listening_webhook
from tests.runtime.forked import around, begin

SIZE = ViewportSize(width=1440, height=900)


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with listening_webhook() as hook:
        yield hook


@pytest.fixture
async def emulator(tmp_path: Path, webhook: Webhook) -> AsyncIterator[Emulator]:
    async with running_emulator(tmp_path, webhook.url) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[AppServer]:
    async with listening_app_server() as listening:
        yield listening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hook() -> AsyncIterator[Webhook]:
    async with listening_webhook() as listening:
        yield listening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(
    tmp_path_factory: pytest.TempPathFactory, hook: Webhook, server: AppServer
) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("phone")
    log = folder / "phone.log"
    program = begin(around(log), phone_program.main, str(folder), str(port), hook.url, server.url)
    try:
        await until_alive(f"http://127.0.0.1:{port}", program)
        yield f"http://127.0.0.1:{port}"
    finally:
        program.terminate()
        await asyncio.to_thread(program.wait)
        print(log.read_text(encoding="utf-8"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(browser: Browser, address: str) -> AsyncIterator[Page]:
    """The one page of a file's tests: a new one for each would compile NiceGUI's scripts anew, for a second each."""
    tab = await browser.new_page(viewport=SIZE, base_url=address)
    await tab.goto("/")
    yield tab
    await tab.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(tab: Page, server: AppServer) -> Page:
    """The phone page as it opens for the first time: at its first size, in the light, with nothing kept in the browser."""
    server.away = False
    await tab.set_viewport_size(SIZE)
    await tab.emulate_media(color_scheme="null")
    await tab.evaluate("localStorage.clear(); sessionStorage.clear()")
    await tab.context.clear_cookies()
    await tab.goto("/")
    return tab
