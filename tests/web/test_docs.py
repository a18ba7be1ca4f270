"""The description and its page as they are served; the page in a real browser where there is one."""

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import async_playwright, expect

from miniapp_api.app import OPERATIONS, describe
from tests.browser import CHROMIUM, QUIET, needs_chromium


def mounted() -> TestServer:
    app = web.Application()
    describe(app)
    return TestServer(app)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/openapi.json", "application/json"),
        ("/docs", "text/html"),
        ("/docs/docs.css", "text/css"),
        ("/docs/docs.js", "text/javascript"),
    ],
)
async def test_served(path: str, media_type: str) -> None:
    async with TestClient(mounted()) as client, client.get(path) as answer:
        assert answer.status == 200
        assert answer.content_type == media_type
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert await answer.read()


async def test_the_page_needs_nothing_from_elsewhere() -> None:
    async with TestClient(mounted()) as client:
        async with client.get("/docs") as answer:
            page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) == {
            "/docs/docs.css",
            "/docs/docs.js",
            "/openapi.json",
        }
        for asset in ("/docs/docs.css", "/docs/docs.js"):
            async with client.get(asset) as answer:
                assert "http" not in await answer.text()


@pytest.mark.browser
@needs_chromium
async def test_the_page_in_a_browser() -> None:
    async with mounted() as server, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(str(server.make_url("/docs")))
        await expect(page.locator("details")).to_have_count(len(OPERATIONS))
        await page.get_by_text("/api/v1/wheels/{wheel}/draws").click()
        await expect(page.locator("details[open]")).to_contain_text("Idempotency-Key")
        await expect(page.locator("details[open]")).to_contain_text("client_seed")
        await browser.close()
    assert [text for text in complaints if "favicon" not in text] == []
