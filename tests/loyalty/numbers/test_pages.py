"""The pages as tables: each reads and adds up on a busy programme; observed odds turn suspect for a biased source (D05)."""

from typing import Any

import pytest

from loyalty.games.commands import Draw
from loyalty.numbers.alerts import Alert, note_alert
from loyalty.numbers.odds import Odds, observed_odds
from loyalty.numbers.page_sheets import percent
from loyalty.numbers.sheets import Sheet
from loyalty.programme.rules import RuleSet
from runtime.cli.number_pages import PAGES
from runtime.cli.number_reads import READS, Asked
from tests.house import made_up_settings
from tests.ledger import Ledger, rules_with
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.test_flows import FIRST, spent_a_day
from tests.loyalty.worlds import today


async def page(ledger: Ledger, name: str, tmp_path: Any) -> Sheet:
    live = await ledger.live()
    settings = made_up_settings("postgresql://x/x", "redis://x", tmp_path)
    return await READS[name](
        Asked(ledger.pool, FIRST, today(ledger), live.rules, ledger.clock.now(), settings)
    )


async def test_every_page_reads(ledger: Ledger, tmp_path: Any) -> None:
    member = await spent_a_day(ledger)
    await ledger.run(Draw, member, wheel="lucky", count=1)
    ledger.clock.advance(90)
    await count_all(ledger)
    await note_alert(ledger.pool, Alert(FIRST, "spike", "redeemed", 500, 40), ledger.clock.now())
    found = {name: await page(ledger, name, tmp_path) for name in PAGES}
    for name, sheet in found.items():
        assert sheet.rows, name
        assert all(len(row) == len(sheet.header) for row in sheet.rows), name
    assert found["overview"].header[1] == "今天到 10:01"
    assert found["overview"].rows[0][0] == "发放（分）"
    assert found["overview"].rows[0][2:] == (0, "—")
    assert found["members"].rows[0][:2] == ("全部会员", "1")
    assert found["segments"].rows[-1][0] == "合计"
    assert found["segments"].rows[-1][-1] == 1
    assert found["cohorts"].rows[0][:3] == ("2026-03", 1, "0.0%")
    assert found["funnel"].rows == (("2026-03", 1, 1, "100.0%", 0, "0.0%"),)
    assert "各行业平均参考" in [row[0] for row in found["stale"].rows]
    assert found["liability"].rows[5] == ("积分负债（元）", "规则里没有写积分成本")
    assert "500 份" in str(found["alerts"].rows[0][1])
    assert sum(int(str(cell)) for row in found["hours"].rows for cell in row[1:]) > 0


def test_shares_that_cannot_be_computed_are_dashes() -> None:
    assert (percent(None), percent(0.125)) == ("—", "12.5%")


def wheel_of(odds: dict[str, int]) -> RuleSet:
    prizes = [
        {"id": name, "slot": slot, "name": name, "level": "奖", "kind": "none", "odds_ppm": ppm}
        for slot, (name, ppm) in enumerate(odds.items())
    ]
    return rules_with(
        wheels=[{"id": "lucky", "name": "转盘", "cost_points": 1, "draws_per_day": 1000, "prizes": prizes}]
    )


ODDS = {"a": 100_000, "b": 400_000, "c": 500_000}
SPINS: list[tuple[str, dict[str, int], set[str]]] = [
    ("as published", {"a": 100, "b": 400, "c": 500}, set()),
    ("chance", {"a": 120, "b": 390, "c": 490}, set()),
    ("a biased source", {"a": 50, "b": 450, "c": 500}, {"a"}),
    ("a prize that never comes", {"b": 400, "c": 600}, {"a", "c"}),
    ("too few to tell", {"c": 50}, set()),
]


@pytest.mark.parametrize(("what", "drawn", "suspect"), SPINS, ids=[one[0] for one in SPINS])
def test_what_chance_hardly_explains_is_suspect(what: str, drawn: dict[str, int], suspect: set[str]) -> None:
    draws = sum(drawn.values())
    found = [Odds("lucky", name, name, ppm, drawn.get(name, 0), draws) for name, ppm in ODDS.items()]
    assert {one.prize for one in found if one.is_suspect} == suspect, what


async def test_observed_odds_are_those_of_the_present_table(ledger: Ledger) -> None:
    await ledger.publish(wheel_of(ODDS))
    member = await ledger.member()
    for _ in range(2):
        await ledger.run(Draw, member, wheel="lucky", count=10)
    rules = (await ledger.live()).rules
    found = await observed_odds(ledger.pool, rules)
    assert [(one.prize, one.published_ppm, one.draws) for one in found] == [
        (name, ppm, 20) for name, ppm in ODDS.items()
    ]
    assert sum(one.drawn for one in found) == 20
    changed = wheel_of({"a": 200_000, "b": 300_000, "c": 500_000})
    assert {one.draws for one in await observed_odds(ledger.pool, changed)} == {0}


async def test_empty_pages_are_empty_tables(ledger: Ledger, tmp_path: Any) -> None:
    for name in PAGES:
        sheet = await page(ledger, name, tmp_path)
        assert all(len(row) == len(sheet.header) for row in sheet.rows), name
