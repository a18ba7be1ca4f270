"""Every page opened by every role: those it may see open, the others say that it may not; no address breaks one."""

import re
from typing import Final

import pytest

from console.page import Page
from console.pages import PAGES
from loyalty.games import fairness
from loyalty.games.commands import Draw
from loyalty.numbers.odds import FAIR, UNFAIR
from operators.roles import MAY, ROLES, Role
from tests.console.shop import Shop, words_of
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.numbers.test_odds import watched

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAILED: Final = "这一页没有打开全"
FORBIDDEN: Final = "不能看「"
PLACES: Final = {"{section}": "wheels", "{place}": "0", "{name}": "小运"}
"""What stands for a part of an address, where it is not 1."""
OFF: Final = (
    "after=x",
    "after=9999999999999999999999",
    "after=2026-03-02T00:00:00%2B00:00|99999999999999999999|x",
    "after=2026-03-02T00:00:00%2B00:00|99999999999999999999|9|9",
    "after=2026-03-02T00:00:00%2B00:00|1|9|99999999999",
    "after=2026-03-02T00:00:00%2B00:00|1|9|9",
    "after=2026-03-02T00:00:00|1|1|1",
    "after=0001-01-01T00:00:00%2B14:00|1|1",
    "after=9999-12-31T23:59:59-14:00|1|1|1",
    "after=%D9%A3",
    "after=" + "9" * 5000,
    "status=nothing&state=nothing&kind=nothing&tier=nothing&action=nothing&tab=nothing&first=2026-99-99&last=x&by=x&q=1",
    "name=%25%5C_%27%22%3Cb%3E&code=%25&q=%25%5C_%27%22%3Cb%3E&first=0001-01-01&last=9999-12-31",
    "name=%00&status=%00&state=%00&code=%00&q=%00&operator=%00&store=%00&item=%00&tab=%00&against=99999999999",
    "%ff=%ff&name=%ff&q=" + "9" * 400,
    "name=" + "%F0%9F%98%80" * 200 + "&tab=lots&after=x",
)
"""Queries that no page made. Names of which no page reads two stand together, as each query is asked of every page."""


def address_of(page: Page) -> str:
    return re.sub(r"\{[^}]+\}", lambda part: PLACES.get(part[0], "1"), page.path)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
async def test_a_page_opens_for_those_who_may_see_it(shop: Shop, page: Page, role: Role) -> None:
    answer = await (await shop.at(role)).get(address_of(page))
    told = words_of(answer.text) + answer.text
    assert answer.status_code == 200
    assert FAILED not in answer.text
    assert (FORBIDDEN in told) == (role not in MAY[page.action])
    assert page.title in told or not page.in_menu


@pytest.mark.parametrize("query", OFF)
async def test_no_address_breaks_a_page(shop: Shop, query: str) -> None:
    client = await shop.at("owner")
    for page in PAGES:
        answer = await client.get(f"{address_of(page)}?{query}")
        assert answer.status_code == 200, page.path
        assert FAILED not in answer.text, page.path


@pytest.mark.parametrize(
    "part", ["nothing", "0", "999999999999999999999", "%00", "-1", "%D9%A3", "%3Cb%3E", "1" * 600]
)
async def test_a_page_of_a_thing_that_is_not_there_says_so(shop: Shop, part: str) -> None:
    client = await shop.at("owner")
    for page in (page for page in PAGES if "{" in page.path):
        path = re.sub(r"\{[^}]+\}", part, page.path)
        answer = await client.get(path)
        assert FAILED not in answer.text, path
        assert "没有" in answer.text, path


async def test_d05_draws_against_the_published_odds_are_red(shop: Shop) -> None:
    ledger, client = shop.ledger, await shop.at("auditor")
    await ledger.run(Draw, await ledger.member(), wheel="lucky", count=5)
    await count_all(ledger)
    assert FAIR in (await client.get("/games/odds")).text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fairness, "roll", lambda *_: 0)
        await ledger.run(Draw, await ledger.member(), wheel="lucky", count=5)
    await count_all(ledger)
    assert await watched(ledger) == 1
    told = (await client.get("/games/odds")).text
    assert UNFAIR in told
    assert FAIR not in told
    for path in ("/reports/alerts", "/"):
        assert "实际中奖与公布的概率不符" in (await client.get(path)).text, path
