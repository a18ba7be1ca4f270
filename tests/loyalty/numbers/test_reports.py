"""Numbers by dimension (N01, N06), their tables and files (N08), and a definition behind each."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import load_workbook

from loyalty.earning.commands import RecordEvent
from loyalty.games.commands import Draw
from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.reports import DIMENSIONS, by_dimension
from loyalty.numbers.sheets import Sheet, report_sheet
from loyalty.numbers.totals import COLUMNS
from runtime.cli.number_pages import show
from tests.ledger import DAY_S, Ledger, demo_rules, rules_with
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.test_flows import FIRST, spent_a_day
from tests.loyalty.worlds import today


async def a_week(ledger: Ledger) -> None:
    """A day of everything, a draw and a purchase by way of another channel on the next."""
    member = await spent_a_day(ledger)
    ledger.clock.advance(DAY_S)
    await ledger.run(Draw, member, wheel="lucky", count=1)
    await ledger.run(
        RecordEvent, member, source="till", event="e2", kind="purchase", amount_fen=1200, order="so-9", store="jingan",
        channel="pos",
    )  # fmt: skip
    await count_all(ledger)


async def test_each_dimension_sums_to_the_whole_and_is_named(ledger: Ledger) -> None:
    await a_week(ledger)
    reports = {
        one: await by_dimension(ledger.pool, FIRST, today(ledger), one, demo_rules()) for one in DIMENSIONS
    }
    whole = reports["day"].whole
    assert (whole["issued"], whole["verified"], whole["sold"], whole["joined"]) == (
        whole["issued"],
        1,
        10000,
        1,
    )
    for report in reports.values():
        assert report.whole == whole
        assert all(line.title for line in report.lines), report.dimension
    titles = {one: {line.title for line in report.lines} for one, report in reports.items()}
    assert titles["day"] == {"2026-03-02", "2026-03-03"}
    assert titles["week"] == {"03-02 至 03-08"}
    assert titles["month"] == {"2026-03"}
    assert {"收银台", "不分渠道"} <= titles["channel"]
    assert "不分门店" in titles["store"]
    assert {"签到", "新人礼", "积分抵现"} <= titles["rule"]
    assert any(one.startswith("抽奖「") for one in titles["campaign"])
    assert titles["tier"] == {"没有等级记录"}


async def test_a_span_has_its_days_alone(ledger: Ledger) -> None:
    await a_week(ledger)
    second = await by_dimension(ledger.pool, FIRST + timedelta(days=1), today(ledger), "day", demo_rules())
    assert [line.part for line in second.lines] == ["2026-03-03"]
    assert (second.whole["sold"], second.whole["joined"]) == (1200, 0)
    empty = await by_dimension(
        ledger.pool, FIRST - timedelta(days=9), FIRST - timedelta(days=1), "day", demo_rules()
    )
    assert (empty.lines, empty.whole["issued"]) == ((), 0)


async def test_tiers_are_those_of_the_history_at_the_time(ledger: Ledger) -> None:
    tiers = [{"id": "basic", "name": "普卡", "growth": 0}, {"id": "gold", "name": "金卡", "growth": 50}]
    rules = rules_with(tiers=tiers, tier_review={"by": "never"}, welcome={"points": 0})
    await ledger.publish(rules)
    member = await ledger.member()
    for number in range(2):
        await ledger.run(
            RecordEvent, member, source="till", event=f"e{number}", kind="purchase", amount_fen=8800, order=f"o{number}",
            store="jingan",
        )  # fmt: skip
    await count_all(ledger)
    report = await by_dimension(ledger.pool, FIRST, today(ledger), "tier", rules)
    assert {line.title for line in report.lines if line.totals["orders"]} == {"没有等级记录", "金卡"}


def test_every_number_has_its_definition() -> None:
    assert COLUMNS.keys() <= DEFINITIONS.keys()
    for one in DEFINITIONS.values():
        assert one.title
        assert one.meaning.endswith("。")
        assert one.formula


async def test_the_table_shows_what_there_is(ledger: Ledger) -> None:
    await a_week(ledger)
    sheet = report_sheet(await by_dimension(ledger.pool, FIRST, today(ledger), "day", demo_rules()))
    assert sheet.header[:4] == ("日期", "发放（分）", "使用（分）", "抵现（分）")
    assert "过期（分）" in sheet.header
    assert "退款额（元）" not in sheet.header
    sold = sheet.header.index("消费额（元）")
    assert [row[sold] for row in sheet.rows] == [Decimal("88.00"), Decimal("12.00"), Decimal("100.00")]
    assert sheet.rows[-1][0] == "合计"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_files_open_in_excel_and_run_nothing(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"数据.{suffix}"
    sheet = Sheet(("门店", "消费额（元）"), (("=1+1", Decimal("88.50")), ("静安店", 3)))
    show(sheet, "", file, overwrite=False)
    if suffix == "csv":
        text = file.read_bytes()
        assert text.startswith(b"\xef\xbb\xbf")
        assert text.decode("utf-8-sig").splitlines() == ["门店,消费额（元）", "'=1+1,88.50", "静安店,3"]
    else:
        rows = load_workbook(str(file)).get_sheet_by_index(0).to_python()
        assert rows == [["门店", "消费额（元）"], ["=1+1", 88.5], ["静安店", 3]]
