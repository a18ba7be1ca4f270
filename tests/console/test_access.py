"""Every page of the console for people who use a screen reader or like it dark: axe finds nothing."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from console.pages import PAGES
from loyalty.checkin.commands import CheckIn
from operators.members import account as deeds
from operators.rules.drafting import save_section
from tests.browser import needs_chromium
from tests.console.desks import Desks
from tests.console.shop import Shop
from tests.console.test_pages import address_of
from tests.operators.desks import owner_desk

VIOLATIONS: Final[dict[str, Any]] = {"resultTypes": ["violations"]}
"""To tell of all elements that pass takes as long as to find those that do not."""
ALL_RULES: Final[dict[str, Any]] = {}
CONTRAST: Final[dict[str, Any]] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""What may differ in the dark."""

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]


async def test_axe_finds_nothing(shop: Shop, desks: Desks) -> None:
    await _fill(shop)
    found = []
    page = await desks.at("owner")
    for one in PAGES:
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
        await desks.at("owner", address_of(one))
        found += [f"{one.path}: {finding}" for finding in await findings(page)]
        await page.emulate_media(color_scheme="dark")
        found += [f"dark {one.path}: {finding}" for finding in await findings(page, CONTRAST)]
    assert found == []


async def test_axe_finds_nothing_before_the_log_in(desks: Desks) -> None:
    page = await desks.page(await desks.context())
    for path in ("/login", "/no-such-page"):
        await page.goto(path)
        assert await findings(page) == []


async def findings(page: Page, options: Mapping[str, Any] = ALL_RULES) -> list[str]:
    """What axe finds, with the elements in which it does."""
    await page.wait_for_timeout(300)  # until what was drawn at the end of the page has its colours
    found: Any = await Axe().run(page, options={**VIOLATIONS, **options})
    return [
        f"{one['id']} {' '.join(node['html'].split())[:160]}"
        for one in found.response["violations"]
        for node in one["nodes"][:3]
    ]


async def _fill(shop: Shop) -> None:
    """Something to see on each page."""
    ledger, desk = shop.ledger, owner_desk(shop.ledger)
    for nickname in ("小明", "一二三四五六七八九十" * 3 + "长长", "<img src=x onerror=alert(1)>"):
        member_id = await ledger.member()
        await ledger.pool.execute("UPDATE member SET nickname = $2 WHERE member_id = $1", member_id, nickname)
        await ledger.run(CheckIn, member_id)
    await deeds.freeze(desk, member_id, "同一台设备反复注册")
    await save_section(desk, "check_in", {"points": 7}, 0)
