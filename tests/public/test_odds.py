"""The public pages of odds (D05): open to everybody, by table of odds; a biased source turns it, and the console's reads, red."""

import re
from collections.abc import AsyncIterator
from math import inf
from pathlib import Path
from typing import Any

import pytest

from bot.rule_texts import rules_text
from loyalty.games import fairness
from loyalty.games.commands import Draw
from loyalty.numbers.odds import FAIR, NOBODY_YET, UNFAIR
from loyalty.programme.publishing.publication import put_in_force
from loyalty.rule_texts import rule_texts
from public import app as pages
from public.checking import PROGRAM
from tasks.numbers import count_numbers, watch_odds
from tests.house import House, open_house
from tests.ledger import DAY_S
from tests.loyalty.numbers.test_odds import ODDS, wheel_of
from tests.miniapp_api.client import mini

BASE = "https://jifen.example"


@pytest.fixture
async def house(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port, public_base_url=BASE) as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "KEPT_S", 0)


async def page(house: House, game: str = "") -> tuple[int, str, dict[str, str]]:
    async with house.http.get(f"{house.server_url}/fair{game}") as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def words(house: House, game: str = "") -> str:
    status, text, _ = await page(house, game)
    assert status == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


async def draw(house: House, member: int, count: int) -> None:
    await house.ledger.run(Draw, member, wheel="lucky", count=count)
    house.clock.advance(60)
    await count_numbers(house.resources, house.clock.now())
    await watch_odds(house.resources, house.clock.now())


async def test_d05_everybody_sees_what_was_published_and_what_came(house: House) -> None:
    await house.ledger.publish(wheel_of(ODDS, "转盘<b>"))
    member = await house.ledger.member()
    assert f"转盘&lt;b&gt; {NOBODY_YET}" in await words(house)
    await draw(house, member, 50)
    told = await words(house)
    for shown in (FAIR, "从 2026-03-02 起一共抽了 50 次", "奖a 1% 0.5 ", "奖c 60% 30.0 ", "百万分之一"):
        assert shown in told, shown
    _, text, headers = await page(house)
    assert "<b>" not in text
    assert headers["Cache-Control"] == "public, max-age=0"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    for name, kind in (("public.css", "text/css"), ("check.js", "text/javascript")):
        async with house.http.get(f"{house.server_url}/fair/{name}") as file:
            assert (file.status, file.content_type) == (200, kind)


async def test_each_game_has_a_page_of_its_own(house: House) -> None:
    await house.ledger.publish(wheel_of(ODDS, "转盘<b>"))
    assert 'href="/fair/lucky"' in (await page(house))[1]
    told = await words(house, "/lucky")
    for shown in (
        "概率公示：转盘&lt;b&gt;",
        NOBODY_YET,
        "奖a 1% 0.0 ",
        "核对自己的一次抽奖",
        "看所有抽奖的概率",
    ):
        assert shown in told, shown
    for unknown in ("/nowhere", "/Lucky", "/%3Cb%3E", "/lucky%2F..", "/" + "9" * 300):
        status, text, headers = await page(house, unknown)
        assert (status, headers["Cache-Control"]) == (404, "no-store"), unknown
        assert "没有这个抽奖" in text
        assert "<b>" not in text


async def test_d05_a_biased_source_turns_the_page_red_and_it_stays_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.ledger.publish(wheel_of(ODDS))
    member = await house.ledger.member()
    await draw(house, member, 20)
    assert UNFAIR not in await words(house)
    with monkeypatch.context() as patch:
        patch.setattr(fairness, "roll", lambda *_: 0)
        await draw(house, member, 10)
    assert UNFAIR in await words(house)
    await house.ledger.publish(wheel_of(ODDS, "新转盘"))
    told = await words(house)
    assert f"{NOBODY_YET}" in told
    assert "以前的概率表（1 张，1 张与实际不符）" in told
    assert UNFAIR in await words(house, "/lucky")
    await house.ledger.publish(wheel_of(ODDS, "新转盘").model_copy(update={"wheels": ()}))
    assert "这个抽奖已经结束。" in await words(house)
    assert "这个抽奖已经结束。" in await words(house, "/lucky")


async def test_the_page_is_read_once_a_minute_and_outlives_the_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "KEPT_S", 60)
    reads = 0

    async def read(*_: Any) -> list[Any]:
        nonlocal reads
        reads += 1
        if reads > 1:
            raise ConnectionError
        return []

    monkeypatch.setattr(pages, "odds_tables", read)
    assert [(await page(house, game))[0] for game in ("", "", "/lucky", "/other", "")] == [
        200,
        200,
        404,
        404,
        200,
    ]
    assert reads == 1
    monkeypatch.setattr(pages, "now_s", lambda: inf)  # the minute is over
    assert "现在没有抽奖" in await words(house)
    assert reads == 2


async def test_without_a_database_a_sentence_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(pages, "odds_tables", away)
    status, text, headers = await page(house)
    assert (status, headers["Cache-Control"]) == (503, "no-store")
    assert "暂时看不到" in text


async def test_the_rules_lead_to_the_page(house: House) -> None:
    ming = await mini(house, "小明")
    assert (await ming.get("/rules")).json["odds_url"] == f"{BASE}/fair"
    rules = (await house.ledger.live()).rules
    said = rules_text(rule_texts(rules), 1, f"概率公示：{BASE}/fair")
    phone = await house.follower("小红")
    assert (await phone.say("规则"))["replies"][0]["content"] == said
    assert said.endswith(f"\n概率公示：{BASE}/fair")
    assert len(said.encode()) <= 2048
    await house.ledger.publish(rules.model_copy(update={"wheels": ()}))
    assert (await ming.get("/rules")).json["odds_url"] is None


async def test_a_member_checks_a_draw_by_the_program_of_the_page(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "hmac.new(seed" in await words(house)
    ming = await mini(house, "小明")
    await house.ledger.give(ming.member_id, 300)
    drawn = (await ming.once("/wheels/lucky/draws", {"count": 1})).json["draws"][0]
    house.clock.advance(DAY_S)
    await put_in_force(house.resources.engine)  # the round is over, and its seed is revealed
    proof = await ming.get(drawn["proof"].removeprefix("/api/v1"))
    (tmp_path / "proof.json").write_bytes(proof.raw)
    monkeypatch.chdir(tmp_path)
    exec(PROGRAM, {})  # noqa: S102  # the program that the page shows
    assert capsys.readouterr().out == "True True\n"
