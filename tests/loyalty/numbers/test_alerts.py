"""异常 (N07, L16, K03): a tenfold spike is told once, a normal week never; and the result of each night is kept (N14)."""

from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.numbers.alerts import (
    Alert,
    alerts,
    find_spikes,
    note_alert,
    note_reconciled,
    reconciliations,
    spikes,
)
from tests.ledger import Ledger
from tests.loyalty.numbers.test_overview import minutes, shown

MONDAY = date(2026, 3, 30)
WEEK = (100, 95, 105, 90, 110, 260, 240)
"""Redemptions from Monday to Sunday: at weekends there are more than twice as many."""


def usual(day: date) -> int:
    return WEEK[day.weekday()]


def history(today: date, days: int) -> dict[date, int]:
    return {day: usual(day) for day in (today - timedelta(days=ahead) for ahead in range(1, days + 1))}


def found(today: date, pieces: int, days: int = 28) -> list[Alert]:
    past = history(today, days)
    return spikes(today, {"redeemed": past | {today: pieces}}, min(past, default=today))


@pytest.mark.parametrize("ahead", range(7))
def test_a_normal_week_is_quiet_and_a_tenfold_day_is_not(ahead: int) -> None:
    today = MONDAY + timedelta(days=ahead)
    assert found(today, usual(today)) == []
    assert found(today, 2 * usual(today)) == []
    (alert,) = found(today, 10 * usual(today))
    assert (alert.flow, alert.found) == ("redeemed", 10 * usual(today))
    assert alert.sentence.startswith(f"{today} 的兑换份数已到 ")


CASES: list[tuple[str, int, int, bool]] = [
    ("just below five times the median of 105", 524, 28, False),
    ("five times", 525, 28, True),
    ("a shop that opened last week", 5000, 6, False),
    ("a shop of a week", 5000, 7, True),
]


@pytest.mark.parametrize(("what", "pieces", "days", "told"), CASES, ids=[case[0] for case in CASES])
def test_the_limits(what: str, pieces: int, days: int, told: bool) -> None:
    assert bool(found(MONDAY, pieces, days)) is told, what


def test_few_are_never_a_spike() -> None:
    first = MONDAY - timedelta(days=28)
    assert spikes(MONDAY, {"redeemed": {MONDAY: 19}}, first) == []
    assert spikes(MONDAY, {"redeemed": {MONDAY: 20}}, first) != []


def test_a_spike_of_last_week_does_not_hide_the_next() -> None:
    past = history(MONDAY, 28) | {MONDAY - timedelta(days=7): 5000, MONDAY - timedelta(days=2): 5000}
    assert spikes(MONDAY, {"redeemed": past | {MONDAY: 1000}}, min(past)) != []


async def test_it_is_found_in_the_facts_and_told_once(ledger: Ledger) -> None:
    await shown(ledger)
    assert await find_spikes(ledger.pool, MONDAY) == []
    await minutes(
        ledger, [(day, 600, "redeemed", 60 * pieces, pieces) for day, pieces in history(MONDAY, 28).items()]
    )
    assert await find_spikes(ledger.pool, MONDAY) == []
    await minutes(ledger, [(MONDAY, 601, "redeemed", 60_000, 1000)])
    (alert,) = await find_spikes(ledger.pool, MONDAY)
    now = ledger.clock.now()
    assert [await note_alert(ledger.pool, alert, now) for _ in range(2)] == [True, False]
    ratio = Alert(MONDAY, "ratio", "issued", 1000, 10)
    assert await note_alert(ledger.pool, ratio, now)
    kept: Any = await alerts(ledger.pool, MONDAY, MONDAY)
    assert [one[:5] for one in kept] == [ratio[:5], alert[:5]]
    assert "只用掉 10 分" in kept[0].sentence


async def test_each_night_has_its_result(ledger: Ledger) -> None:
    now = ledger.clock.now()
    await note_reconciled(ledger.pool, MONDAY, ["I24 None: issued"], now)
    await note_reconciled(ledger.pool, MONDAY, [], now)
    await note_reconciled(ledger.pool, MONDAY + timedelta(days=1), ["I1 5: a", "I24 None: b"], now)
    found = await reconciliations(ledger.pool, MONDAY, MONDAY + timedelta(days=9))
    assert [(one.differences, one.detail) for one in found] == [(2, "I1 5: a\nI24 None: b"), (0, "")]
