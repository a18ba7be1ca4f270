"""Rules that ask about the member: birthdays, segments and consents, as of the day of the event."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from loyalty.members.profile import set_birthday, set_opt_out
from moving.segments import SEGMENTS
from tests.ledger import DAY_S, Ledger
from tests.loyalty.earning.test_events import SPEND, buy, clean, publish
from tests.moving.tables import imported, written

BIRTHDAY = {
    "id": "birthday", "name": "生日礼", "on": "purchase", "when": [{"birthday": "day"}], "award": {"points": 100},
    "limit": [{"per": "year", "times": 1}],
}  # fmt: skip
SUBSIDY = {
    "id": "subsidy", "name": "回归补贴", "on": "purchase", "when": [{"segment": ["at_risk"]}], "award": {"points": 30},
    "expiry": {"days": 7}, "limit": [{"per": "ever", "times": 1}],
}  # fmt: skip


def today(ledger: Ledger) -> date:
    return ledger.clock.now().date()


async def test_a_birthday_pays_once_a_year_whatever_it_is_changed_to(ledger: Ledger) -> None:
    """E19: a birthday that is changed counts 365 days later, so that no second one comes within that time."""
    await publish(ledger, SPEND, BIRTHDAY)
    member = await ledger.member()
    assert await set_birthday(member, f"{today(ledger):%m-%d}", today(ledger)) is None
    assert [(await buy(ledger, member, f"a{n}", 100)).points for n in range(2)] == [101, 1]
    ledger.clock.advance(DAY_S)
    tomorrow = f"{today(ledger):%m-%d}"
    assert await set_birthday(member, tomorrow, today(ledger)) == today(ledger) + timedelta(days=365)
    assert (await buy(ledger, member, "b", 100)).points == 1
    ledger.clock.advance(364 * DAY_S)
    assert (await buy(ledger, member, "c", 100)).points == 1  # the former birthday counts no more
    ledger.clock.advance(DAY_S)
    assert (f"{today(ledger):%m-%d}", (await buy(ledger, member, "d", 100)).points) == (tomorrow, 101)
    await clean(ledger)


async def test_a_leap_day_is_the_28th_elsewhere(ledger: Ledger) -> None:
    await publish(ledger, SPEND, BIRTHDAY)
    member = await ledger.member()
    await set_birthday(member, "02-29", today(ledger))
    for day, points in ((date(2027, 2, 28), 101), (date(2028, 2, 28), 1), (date(2028, 2, 29), 101)):
        ledger.clock.advance((day - today(ledger)).days * DAY_S)
        assert (await buy(ledger, member, f"{day}", 100)).points == points
    await clean(ledger)


async def test_a_subsidy_reaches_those_who_are_in_the_segment_on_that_day(
    ledger: Ledger, tmp_path: Path
) -> None:
    """E28: labelled members get it between the first and the last day of their label, and it lapses as its rule says."""
    await publish(ledger, SPEND, SUBSIDY)
    inside, outside = await ledger.member(), await ledger.member()
    first = today(ledger) + timedelta(days=1)
    last = first + timedelta(days=2)
    row = f"{inside},at_risk,{first},{last}"
    file = written(tmp_path / "人群.csv", "jifen会员号,人群,开始日期,到期日", row, "404,at_risk,,2026-12-31")
    report = await imported(ledger, SEGMENTS, file)
    assert (report.done, report.bad, report.first_bad) == (1, 1, [(3, "没有会员 404")])
    assert (await buy(ledger, inside, "early", 100)).points == 1
    ledger.clock.advance(DAY_S)
    assert [(await buy(ledger, one, f"on-{one}", 100)).points for one in (inside, outside)] == [31, 1]
    gone = await ledger.pool.fetchval(
        "SELECT expires_on FROM lot WHERE member_id = $1 AND granted = 30", inside
    )
    assert gone == first + timedelta(days=7)
    ended = written(
        tmp_path / "结束.csv", "jifen会员号,人群,开始日期,到期日", f"{inside},at_risk,{first},{first}"
    )
    assert (await imported(ledger, SEGMENTS, ended)).done == 1
    assert (await imported(ledger, SEGMENTS, ended)).already == 1
    ledger.clock.advance(DAY_S)
    assert (await buy(ledger, inside, "late", 100)).points == 1
    await clean(ledger)


@pytest.mark.parametrize(("opted_out", "points"), [(False, 6), (True, 1)])
async def test_consents_are_asked(ledger: Ledger, opted_out: bool, points: int) -> None:
    consenting: dict[str, Any] = {"id": "notices", "name": "接收提醒", "award": {"points": 5}}
    await publish(ledger, SPEND, SPEND | consenting | {"when": [{"consent": ["notices"]}]})
    member = await ledger.member()
    await set_opt_out(member, opted_out=opted_out)
    assert (await buy(ledger, member, "1", 100)).points == points
    await clean(ledger)
