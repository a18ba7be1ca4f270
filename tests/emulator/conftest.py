"""A webhook that listens and an emulator that pushes to it; the phone page in a browser, in front of a process of its own."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.browser import CHROMIUM, QUIET
from tests.emulator.harness import Emulator, running_emulator
from tests.emulator.member_server import MemberServer, listening_member_server
from tests.emulator.webhook import Webhook, listening_webhook


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with listening_webhook() as hook:
        yield hook


@pytest.fixture
async def emulator(tmp_path: Path, webhook: Webhook) -> AsyncIterator[Emulator]:
    async with running_emulator(tmp_path, webhook.url) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[MemberServer]:
    async with listening_member_server() as listening:
        yield listening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hook() -> AsyncIterator[Webhook]:
    async with listening_webhook() as listening:
        yield listening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(
    tmp_path_factory: pytest.TempPathFactory, hook: Webhook, server: MemberServer
) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = (str(tmp_path_factory.mktemp("phone")), str(port), hook.url, server.url)
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.emulator.phone_program", *arguments
    )
    try:
        await _until_alive(f"http://127.0.0.1:{port}", program)
        yield f"http://127.0.0.1:{port}"
    finally:
        if program.returncode is None:
            program.terminate()
        await program.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, address: str, server: MemberServer) -> AsyncIterator[Page]:
    server.streak = 0
    page = await browser.new_page(viewport={"width": 1440, "height": 900}, base_url=address)
    await page.goto(address)
    yield page
    await page.close()


async def _until_alive(address: str, program: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        while program.returncode is None:
            try:
                if (await client.get(f"{address}/healthz")).is_success:
                    return
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
    raise AssertionError(f"the program ended with {program.returncode}")
