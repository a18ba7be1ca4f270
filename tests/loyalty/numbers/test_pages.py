"""The pages as tables: each reads and adds up on a busy programme."""

from typing import Any

from loyalty.games.commands import Draw
from loyalty.numbers.alerts import Alert, note_alert
from loyalty.numbers.page_sheets import percent
from loyalty.numbers.sheets import Sheet
from runtime.cli.number_pages import PAGES
from runtime.cli.number_reads import READS, Asked
from tests.house import made_up_settings
from tests.ledger import Ledger
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


async def test_empty_pages_are_empty_tables(ledger: Ledger, tmp_path: Any) -> None:
    for name in PAGES:
        sheet = await page(ledger, name, tmp_path)
        assert all(len(row) == len(sheet.header) for row in sheet.rows), name
