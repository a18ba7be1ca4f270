"""A member checks a draw in the browser: the script of the page, on real proofs, on ones with a change, and on what is none."""

import json
import os
from bisect import bisect_right
from collections.abc import AsyncIterator
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from loyalty.games import fairness
from loyalty.programme.publishing.publication import put_in_force
from tests.browser import CHROMIUM, QUIET, needs_chromium
from tests.house import House, open_house
from tests.ledger import DAY_S
from tests.miniapp_api.client import mini

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

WIDTHS = (320, 390)
PICTURES = os.environ.get("JIFEN_TEST_PICTURES")
ELSEWHERE = "--host-resolver-rules=MAP points.example 127.0.0.1"
"""A name that is not this machine's own: there the browser computes no digests without HTTPS."""
GOOD = "核对通过"
BAD = "核对没有通过"


@pytest.fixture
async def house(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port) as opened:
        yield opened


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, ELSEWHERE])
        yield await browser.new_page(viewport=ViewportSize(width=390, height=844))
        await browser.close()


async def proofs(house: House) -> tuple[Any, Any]:
    """The proof of the same draw before and after its round is over."""
    ming = await mini(house, "小明")
    await house.ledger.give(ming.member_id, 300)
    drawn = (await ming.once("/wheels/lucky/draws", {"count": 1, "client_seed": "my-luck"})).json["draws"][0]
    path = drawn["proof"].removeprefix("/api/v1")
    early = (await ming.get(path)).json
    house.clock.advance(DAY_S)
    await put_in_force(house.resources.engine)
    return early, (await ming.get(path)).json


async def told(page: Page, pasted: object) -> str:
    """What the page says of the text, or of the value as JSON."""
    text = pasted if isinstance(pasted, str) else json.dumps(pasted, ensure_ascii=False)
    await page.evaluate("document.getElementById('told').replaceChildren()")
    await page.get_by_label("核对资料").fill(text)
    await page.get_by_role("button", name="核对").click()
    await expect(page.locator("#told p").first).to_be_visible()
    return await page.locator("#told").inner_text()


def changed(proof: Any) -> dict[str, tuple[dict[str, Any], str]]:
    """By what was changed: the proof with it, and a sentence that must be said of it."""
    seed, first, rest = proof["server_seed"], proof["table"][0], proof["table"][1:]
    other = next(row for row in proof["table"] if row["prize"] not in (proof["candidate"], proof["prize"]))
    table = {field: [{**first, field: value}, *rest] for field, value in (("name", "大奖"), ("odds_ppm", 0))}
    changes: dict[str, tuple[dict[str, Any], str]] = {
        "server_seed": ({"server_seed": seed[:-1] + ("0" if seed[-1] != "0" else "1")}, "种子与承诺不一致"),
        "commitment": ({"commitment": "00" * 32}, "种子与承诺不一致"),
        "round_id": ({"round_id": proof["round_id"] + 1}, "与记录不一致，记录是"),
        "member_id": ({"member_id": proof["member_id"] + 1}, "与记录不一致，记录是"),
        "nonce": ({"nonce": proof["nonce"] + 1}, "与记录不一致，记录是"),
        "client_seed": ({"client_seed": ""}, "与记录不一致，记录是"),
        "roll": ({"roll": (proof["roll"] + 1) % 1_000_000}, "与记录不一致，记录是"),
        "candidate": ({"candidate": other["prize"]}, "与记录不一致，记录是"),
        "prize": ({"prize": other["prize"], "slot": other["slot"]}, "与抽到的不一致"),
        "slot": ({"slot": other["slot"]}, "与概率表不一致"),
        "id": ({"id": "1-999"}, "抽奖编号与轮次、次序不一致"),
        "wheel": ({"wheel": "other"}, "概率表与它的编号不一致"),
        "odds_version": ({"odds_version": "2-" + "0" * 32}, "概率表与它的编号不一致"),
        "covered": ({"covered": proof["covered"] + " "}, "概率表与它的编号不一致"),
        "a name in the table": ({"table": table["name"]}, "概率表与它的编号不一致"),
        "odds in the table": ({"table": table["odds_ppm"]}, "概率表与它的编号不一致"),
        "a row less": ({"table": rest}, "概率表与它的编号不一致"),
    }
    return {what: ({**proof, **change}, sentence) for what, (change, sentence) in changes.items()}


def substituted(proof: Any) -> tuple[Any, str]:
    """The proof of a later draw of the round that fell on a prize which had run out, and the name of what was given."""
    seed, by_id = bytes.fromhex(proof["server_seed"]), {row["prize"]: row for row in proof["table"]}
    edges = list(accumulate(row["odds_ppm"] for row in proof["table"]))
    for nonce in count(1):
        roll = fairness.roll(seed, proof["round_id"], proof["member_id"], proof["client_seed"], nonce)
        candidate = proof["table"][bisect_right(edges, roll)]
        if candidate["substitute"]:
            break
    given = by_id[candidate["substitute"]]
    drawn = {"id": f"{proof['round_id']}-{nonce}", "nonce": nonce, "roll": roll}
    prizes = {"candidate": candidate["prize"], "prize": given["prize"], "slot": given["slot"]}
    return {**proof, **drawn, **prizes}, given["name"]


def unreadable(proof: Any, early: Any) -> list[tuple[object, str]]:
    """What is no proof that can be checked, with the sentence that it gets."""
    return [
        ("", "请先把核对资料粘贴在上面的框里"),
        (json.dumps(proof)[:-9], "这不是完整的核对资料"),
        ("<b>你好</b>", "这不是完整的核对资料"),
        ([proof], "这不是一次抽奖的核对资料"),
        ("null", "这不是一次抽奖的核对资料"),
        ({"error": "no"}, "里面没有 id、wheel"),
        ({**proof, "table": [None]}, "table 的写法不对"),
        ({**proof, "roll": "1", "server_seed": "xyz"}, "server_seed、roll 的写法不对"),
        ({**proof, "nonce": 2**60}, "nonce 的写法不对"),
        (early, "这一轮还没有结束"),
    ]


async def examine(page: Page, shown: str) -> None:
    """Nothing is wider than the narrowest phone, and axe finds nothing by day and by night."""
    for width in WIDTHS:
        await page.set_viewport_size(ViewportSize(width=width, height=844))
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, (shown, width)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        results = await Axe().run(page)
        assert not results.violations_count, f"{shown}, {scheme}: {results.generate_report()}"
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{shown}-{scheme}.png", full_page=True)


async def test_a_draw_is_checked_in_the_browser(house: House, page: Page) -> None:
    early, proof = await proofs(house)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await page.goto(f"{house.server_url}/fair")
    await page.get_by_role("link", name="这个抽奖自己的一页").first.click()
    await page.wait_for_url("**/fair/lucky")
    said = await told(page, proof)
    for sentence in (
        GOOD,
        "种子与承诺一致",
        f"抽到的号码：{proof['roll']:,}",
        "对应的奖品：「",
        proof["commitment"],
    ):
        assert sentence in said, (sentence, said)
    await examine(page, "fair-good")
    sold_out, name = substituted(proof)
    said = await told(page, sold_out)
    assert GOOD in said, said
    assert f"它已经发完，照公布的改送「{name}」" in said
    for what, (pasted, sentence) in changed(proof).items():
        said = await told(page, pasted)
        assert BAD in said, (what, said)
        assert sentence in said, (what, said)
    await examine(page, "fair-bad")
    for garbage, sentence in unreadable(proof, early):
        said = await told(page, garbage)
        assert sentence in said, (garbage, said)
        assert BAD not in said, garbage
    await page.goto(f"http://points.example:{house.server_url.rsplit(':', 1)[1]}/fair")
    assert "不是用 https 打开的" in await told(page, proof)
    assert not faults
