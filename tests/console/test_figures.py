"""The pages of numbers: golden rows arrive in the cells and series; files hold the same; long reading is kept."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from console import kept
from console.kept import KEEP, Keep
from console.pages.figures import FIGURES, alerts, buying, comparing, costs, habits, members, stale
from console.pages.figures.meanings import meanings
from console.pages.overview import SHOWN, rows_behind
from console.pages.reports import asked_for, behind_of, every_day
from console.sheets import send_workbook, sheet_table
from console.spans import span_of
from loyalty.numbers import cells
from loyalty.numbers.ages import Age
from loyalty.numbers.alerts import Alert, note_alert, note_reconciled
from loyalty.numbers.cells import LARGEST, members_in
from loyalty.numbers.daily import MembersOn, days_of
from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.facts import Amount
from loyalty.numbers.members import SEGMENTS
from loyalty.numbers.reports import Dimension
from loyalty.numbers.sheets import Sheet
from loyalty.numbers.snapshots import take_snapshots
from loyalty.numbers.totals import Totals
from tests.console.figures import asked_of, visit_of
from tests.ledger import Ledger, demo_rules, rules_with
from tests.loyalty.numbers.golden import Day, accounts, member_days
from tests.loyalty.numbers.test_overview import daily, minutes, shown

TODAY = date(2026, 3, 2)
"""The business day of the ledger's clock, a Monday."""
FIRST = TODAY - timedelta(days=29)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    KEEP.done.clear()
    yield
    KEEP.done.clear()


def test_new_active_and_silent_by_day() -> None:
    came = {
        (ago(5), ago(3)): 2,  # came again two days later, or had been active for two days
        (ago(3), ago(1)): 1,
        (ago(1), TODAY + timedelta(days=1)): 4,
    }
    assert days_of(ago(3), TODAY, 10, {ago(2): 3, TODAY: 1}, came) == [
        MembersOn(ago(3), 0, 1, 1, 5), MembersOn(ago(2), 3, 0, 1, 8), MembersOn(ago(1), 0, 4, 4, 5), MembersOn(TODAY, 1, 0, 4, 6),
    ]  # fmt: skip


async def test_n04_members_by_day_and_matrix_with_lists_behind(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shown(ledger)
    rules = rules_with(
        tiers=[{"id": "basic", "name": "普卡", "growth": 0}, {"id": "gold", "name": "金卡", "growth": 500}],
        figures={"activity": {"active_days": 30}},
    )
    await accounts(ledger, dict.fromkeys(range(1, 6), 0), m1=500, m4=900)
    await member_days(
        ledger,
        [
            Day(1, ago(0), 1), Day(1, ago(29), 1),  # middle
            Day(2, ago(30), 1), Day(3, ago(29), 1), Day(3, ago(1), 1, person=1),
            Day(5, ago(0), 0, issued=9),  # did nothing
        ],
    )  # fmt: skip
    await daily(ledger, [(ago(1), "joined", "", "", 1, 0, 2)])
    asked = asked_of(ledger, rules, ago(1), TODAY)
    sheet = await members.DAYS.read(asked)
    assert sheet.header == ("日期", "新会员（人）", "来过的会员（人）", "活跃会员（人）", "沉默会员（人）")
    assert sheet.rows[:2] == (
        ("2026-03-02", 0, 1, 2, 3),  # 2's thirty days have ended
        ("2026-03-01", 2, 1, 3, 2),
    )
    assert len(sheet.rows) == 90
    found = await members.MATRIX.read(asked)
    assert found.rows == (("普卡", 0, 0, 2, 1, 3), ("金卡", 0, 1, 0, 1, 2), ("合计", 0, 1, 2, 2, 5))
    day, matrix = await members.read_matrix(asked)
    links = members.links_of(matrix, rules)
    assert links[1, 2] == "/reports/members/list?tier=gold&segment=middle"
    assert set(links) == {(0, 3), (0, 4), (1, 2), (1, 4)}
    assert '<a class="" href="/reports/members/list?tier=gold' in sheet_table(found, "表", links)
    for row, column in links:
        tier, segment = rules.tiers[row].id, SEGMENTS[column - 1]
        ids, after = await members_in(ledger.pool, day, rules, tier, segment, LARGEST, 50)
        assert (len(ids), after) == (matrix[tier, segment], None)
    monkeypatch.setattr(cells, "CHUNK", 2)
    pages = [await members_in(ledger.pool, day, rules, "basic", "low", before, 1) for before in (LARGEST, 3)]
    assert pages == [([3], 3), ([2], None)]
    monkeypatch.setattr(cells, "MOST_CHUNKS", 1)
    assert await members_in(ledger.pool, day, rules, "basic", "low", LARGEST, 50) == ([3], 3)
    cards = members.rate_cards((await asked.snapshot("members")).content, [], None)
    assert [card[1] for card in cards][1:] == ["2", "40.0%", "100.0%", "—", "—"]


async def test_before_the_first_night_numbers_are_of_now_and_then_of_the_night(ledger: Ledger) -> None:
    await shown(ledger)
    await accounts(ledger, {1: 5})
    asked = asked_of(ledger, demo_rules(), FIRST, TODAY)
    assert (await asked.snapshot("members")).day == TODAY
    await take_snapshots(ledger.pool, ago(1), demo_rules(), ledger.clock.now())
    found = await asked.snapshot("members")
    assert (found.day, found.content.members) == (ago(1), 1)
    day, matrix = await members.read_matrix(asked)
    assert (day, sum(matrix.values())) == (ago(1), 1)
    assert (await asked.snapshot("ages")).content[-1] == Age("看不出日期（人工加、期初导入等）", 5)


async def test_n11_funnel_and_cohorts(ledger: Ledger) -> None:
    await shown(ledger)
    january = date(2026, 1, 5)
    await member_days(
        ledger,
        [
            Day(1, january, issued=10, orders=1), Day(1, date(2026, 2, 1), used=5), Day(1, date(2026, 2, 9), orders=1),
            Day(2, january, issued=10),
        ],
    )  # fmt: skip
    asked = asked_of(ledger, demo_rules(), FIRST, TODAY)
    assert (await buying.FUNNEL.read(asked)).rows == (("2026-01", 2, 1, "50.0%", 1, "50.0%"),)
    assert (await buying.COHORTS.read(asked)).rows[0][:4] == ("2026-01", 1, "100.0%", "100.0%")
    options = buying.funnel_options((await asked.snapshot("funnel")).content)
    assert [one["data"] for one in options["series"]] == [[2], [1], [1]]
    found = (await asked.snapshot("cohorts")).content
    assert buying.cohort_options(found)["series"][0]["data"] == [100.0]


async def test_d09_unused_points_beside_the_industry_with_their_first_cause(ledger: Ledger) -> None:
    await shown(ledger)
    rules = rules_with(figures={"mature_days": 10, "industry": "retail", "stale_reference": {"retail": 50}})
    await accounts(ledger, {1: 90_000, 2: 10})
    await member_days(ledger, [Day(1, ago(20), 1, issued=900), Day(2, ago(20), 1, issued=100, used=90)])
    asked = asked_of(ledger, rules, FIRST, TODAY)
    found = await stale.read_stale(asked)
    rate, reference, cause = stale.cards_of(found, rules.figures)
    assert rate[1] == "91.0%"
    assert reference == ("零售参考", "50.0%", "您高 41.0 个百分点")
    assert cause[1:] == ("够换却从没换过", "共 2 位会员有没用掉的积分")
    sheet = await stale.STALE.read(asked)
    assert sheet.rows[-1][0] == "原因：积分不够换最便宜的礼品（1 位会员）"
    assert [one["data"] for one in stale.stale_options(found)["series"]] == [[1000], [910]]
    young = asked_of(ledger, rules_with(figures={"mature_days": 300}), FIRST, TODAY)
    assert (await stale.STALE.read(young)).rows == ()


LOT = """
INSERT INTO lot (
    member_id, expires_on, opens_on, terms, opened, granted, remaining, held, spent, expired, reversed, offset_debt, forfeited
)
VALUES (1, $1, '1970-01-01', 0, true, $2, $2, 0, 0, 0, 0, 0, 0)
"""


async def test_l10_what_points_cost_and_how_old_they_are(ledger: Ledger) -> None:
    await shown(ledger)
    rules = rules_with(figures={"point_cost_fen": 70})
    await accounts(ledger, {1: 600, 2: 300, 3: 100, 4: 0})
    await ledger.pool.execute("UPDATE account SET merged_into = 3, status = 'merged' WHERE member_id = 4")
    await member_days(
        ledger,
        [
            Day(1, date(2026, 3, 1), issued=50), Day(1, date(2025, 12, 31), issued=150), Day(1, date(2025, 3, 1), issued=100),
            Day(1, date(2025, 2, 1), issued=900, used=600),  # 300 of them are left
            Day(2, date(2026, 1, 1), issued=10),  # and 290 by hand
            Day(4, date(2025, 10, 1), issued=40, person=3), Day(3, date(2025, 9, 1), issued=80),
        ],
    )  # fmt: skip
    asked = asked_of(ledger, rules, FIRST, TODAY)
    assert (await costs.AGES.read(asked)).rows == (
        ("这个月和前 2 个月", 60, "6.0%"), ("3–5 个月前", 190, "19.0%"), ("6–11 个月前", 60, "6.0%"),
        ("一年以前", 400, "40.0%"), ("看不出日期（人工加、期初导入等）", 290, "29.0%"),
    )  # fmt: skip
    await ledger.pool.execute(LOT, date(2028, 1, 1), 1000)
    found = await costs.read_outstanding(asked)
    cards = costs.cards_of(found, [], can_edit=True)
    assert [card[1] for card in cards] == ["1,000", "¥0.70", "¥7.00", "¥0.00"]
    assert sum(costs.lapsing_options(found)["series"][0]["data"]) == 1000
    unknown = costs.cards_of(found._replace(point_cost_fen=None), [], can_edit=False)
    assert unknown[1][1:] == ("–", "规则里没有写积分成本")


async def test_n12_n15_two_are_compared_and_campaigns_ranked(ledger: Ledger) -> None:
    await shown(ledger)
    await daily(
        ledger,
        [
            (ago(2), "issued", "poll:a", "poll:a", 1, 50, 5), (ago(1), "issued", "mission:b", "mission:b", 9, 70, 5),
            (ago(1), "used", "wheel:lucky", "wheel:lucky", 10, 500, 5), (ago(0), "issued", "poll:a", "poll:a", 10, 60, 5),
        ],
    )  # fmt: skip
    asked = asked_of(ledger, demo_rules(), FIRST, TODAY)
    ranking = await comparing.RANKING.read(asked)
    assert [row[1:] for row in ranking.rows] == [(500, 0, 500), (110, 110, 0), (70, 70, 0)]
    assert comparing.sides_of(asked, await comparing.read_parts(asked)) == ("wheel:lucky", "poll:a")
    chosen = asked._replace(query={"one": "mission:b", "other": "poll:a"})
    assert (await comparing.COMPARISON.read(chosen)).rows == (
        ("天数", "1", "3", ""), ("每天发放（分）", "70.0", "36.7", "-47.6%"),
    )  # fmt: skip
    versions = asked._replace(query={"kind": "version", "one": "99"})
    assert comparing.sides_of(versions, await comparing.read_parts(versions)) == ("9", "10")
    fields = comparing.choice_fields(versions, await comparing.read_parts(versions))
    assert '<option value="9" selected>第 9 版</option>' in fields
    nothing = asked._replace(first=ago(400), last=ago(300))
    assert (await comparing.COMPARISON.read(nothing)).rows == ()


async def test_n10_hours_and_rewards(ledger: Ledger) -> None:
    await shown(ledger)
    await minutes(ledger, [(TODAY, 9 * 60 + 5, "acted", 0, 3), (ago(1), 23 * 60, "acted", 0, 2)])
    await daily(
        ledger,
        [(TODAY, "redeemed", "reward:cookie", "", 1, 60, 3), (TODAY, "redeemed", "reward:x", "", 1, 20, 1)],
    )
    asked = asked_of(ledger, demo_rules(), FIRST, TODAY)
    sheet = await habits.HOURS.read(asked)
    assert (sheet.rows[9][1], sheet.rows[23][7]) == (3, 2)
    options = habits.hours_options({(1, 9): 3, (7, 23): 2})
    assert [cell for cell in options["series"][0]["data"] if cell[2]] == [[9, 0, 3], [23, 6, 2]]
    assert options["visualMap"]["max"] == 3
    assert [row[1:] for row in (await habits.LIKED.read(asked)).rows] == [(3, 60, "75.0%"), (1, 20, "25.0%")]


async def test_n07_n14_alerts_and_nights(ledger: Ledger) -> None:
    now = ledger.clock.now()
    alert = Alert(TODAY, "spike", "redeemed", 500, 40)
    await note_alert(ledger.pool, alert, now)
    await note_reconciled(ledger.pool, ago(1), [], now)
    await note_reconciled(ledger.pool, ago(2), ["issued: 1, 2"], now)
    asked = asked_of(ledger, demo_rules(), FIRST, TODAY)
    assert "500 份" in str((await alerts.ALERTS.read(asked)).rows[0][1])
    assert (await alerts.RECONCILED.read(asked)).rows == (
        ("2026-03-01", "一致", "–"), ("2026-02-28", "1 处不一致", "issued: 1, 2"),
    )  # fmt: skip
    assert alerts.day_behind(alert) == "/reports?first=2026-03-02&last=2026-03-02&by=rule"


async def test_n08_every_table_is_a_file_and_says_what_it_means(ledger: Ledger) -> None:
    await shown(ledger)
    asked = asked_of(ledger, demo_rules(), FIRST, TODAY)
    assert len({one.name for one in FIGURES}) == len(FIGURES)
    for figure in FIGURES:
        sheet = await figure.read(asked)
        assert all(len(row) == len(sheet.header) for row in sheet.rows), figure.name
        assert sheet.rows or figure.empty.endswith("。"), figure.name
        assert figure.file(asked).startswith(f"/reports/files/{figure.name}?")
    sheet = Sheet(("日期", "发放（分）"), (("=1+1<b>", 1234), ("合计", None)))
    told = sheet_table(sheet, "表")
    assert 'href="/reports/meanings#issued"' in told
    assert "=1+1&lt;b&gt;" in told
    assert ">1,234<" in told
    assert ">–<" in told
    kinds = sheet_table(Sheet(("", "礼品", "占比", "相差"), (("兑换", "咖啡", "1.5%", ""),)), "表")
    assert [kinds.count(f'<td class="{kind}">') for kind in ("label", "words", "number")] == [1, 1, 2]
    assert set(DEFINITIONS) == {name for name in DEFINITIONS if f'<tr id="{name}">' in meanings()}
    response = await send_workbook(visit_of(ledger), sheet, "t.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(bytes(response.body))).get_sheet_by_index(0).to_python()
    assert rows[1][1] == 1234
    note = await ledger.pool.fetchrow("SELECT action, subject FROM operation ORDER BY at DESC LIMIT 1")
    assert tuple(note) == ("export", "t.xlsx")


async def test_what_took_long_is_read_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PATIENCE_S", 0.02)
    keep, times, go = Keep(), 0, asyncio.Event()

    async def read() -> str:
        nonlocal times
        times += 1
        await go.wait()
        return "numbers"

    both = tuple(await asyncio.gather(keep.get("key", read), keep.get("key", read)))
    assert both == (None, None)
    go.set()
    assert await keep.get("key", read) == ("numbers",)
    assert await keep.get("key", read) == ("numbers",)
    assert times == 1

    async def fail() -> str:
        raise TimeoutError

    for _ in range(2):
        with pytest.raises(TimeoutError):
            await keep.get("other", fail)
    for number in range(kept.MOST + 5):
        await keep.get(number, read)
    assert len(keep.done) == kept.MOST


def test_each_total_opens_what_is_behind_it() -> None:
    behind: list[tuple[Dimension, str, str]] = [
        ("day", "2026-03-01", "/reports?first=2026-03-01&last=2026-03-01&by=rule"),
        ("week", "2026-02-23", "/reports?first=2026-02-23&last=2026-03-01&by=day"),
        ("week", "2026-03-02", "/reports?first=2026-03-02&last=2026-03-02&by=day"),
        ("month", "2026-02", "/reports?first=2026-02-01&last=2026-02-28&by=day"),
        ("week", "2026-01-26", "/reports?first=2026-02-01&last=2026-02-01&by=day"),
        ("rule", "reward:cookie", "/mall/redemptions?item=reward%3Acookie"),
        ("rule", "check_in", ""),
        ("version", "3", "/rules/history/3"),
        ("store", "jingan", ""),
    ]
    for dimension, part, wanted in behind:
        assert behind_of(dimension, part, FIRST, TODAY) == wanted
    known = ("/members", "/mall/redemptions?state=used", f"/reports?first={TODAY}&last={TODAY}&by=")
    for name in SHOWN:
        assert rows_behind(name, TODAY).startswith(known)
    assert asked_for({"first": "2026-03-09", "last": "2026-03-01", "by": "x"}, TODAY) == (
        date(2026, 3, 1), date(2026, 3, 1), "day",
    )  # fmt: skip
    assert span_of({"first": "0001-01-01", "last": "junk"}, TODAY) == (FIRST, TODAY)


def test_the_chart_of_days_has_those_on_which_nothing_happened() -> None:
    friday = Totals({"issued": Amount(5, 1)})
    monday = Totals({"issued": Amount(7, 1), "used": Amount(2, 1)})
    days, figures = every_day({"2026-02-27": friday, "2026-03-02": monday})
    assert days == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    assert figures == [[5, 0, 0, 7], [0, 0, 0, 2], [0] * 4, [0] * 4]
