"""复购和漏斗 (N03, N11): real purchases (CDNOW) against a count in plain Python, and golden rows for the funnel."""

from collections import defaultdict
from datetime import date
from pathlib import Path

from loyalty.numbers.cohorts import Stage, cohorts, funnel
from tests.ledger import Ledger
from tests.loyalty.numbers.golden import Day, member_days
from tests.loyalty.numbers.test_overview import shown

CDNOW = Path(__file__).parents[2] / "data" / "cdnow" / "CDNOW_sample.txt"
EVER = date(1990, 1, 1), date(2030, 1, 1)
CALIBRATED = date(1997, 9, 30)
"""The end of the 39 weeks to which the literature fits its models; by then 946 of 2,357 customers had bought again."""


def purchases() -> dict[tuple[int, date], tuple[int, int]]:
    """Orders and cents by customer and day."""
    found: dict[tuple[int, date], tuple[int, int]] = {}
    for line in CDNOW.read_text(encoding="ascii").splitlines():
        _, customer, day, _, dollars = line.split()
        key = int(customer), date(int(day[:4]), int(day[4:6]), int(day[6:]))
        orders, cents = found.get(key, (0, 0))
        found[key] = orders + 1, cents + round(float(dollars) * 100)
    return found


def counted(
    bought: dict[tuple[int, date], tuple[int, int]],
) -> dict[date, tuple[int, int, dict[int, tuple[int, int, int]]]]:
    """The cohorts in plain Python: members, those who bought again, and buyers, orders and cents by month."""
    first: dict[int, date] = {}
    for customer, day in sorted(bought):
        first.setdefault(customer, day)
    members: dict[date, set[int]] = defaultdict(set)
    again: dict[date, set[int]] = defaultdict(set)
    buyers: dict[tuple[date, int], set[int]] = defaultdict(set)
    sums: dict[tuple[date, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (customer, day), (orders, cents) in bought.items():
        cohort = first[customer].replace(day=1)
        after = (day.year - cohort.year) * 12 + day.month - cohort.month
        members[cohort].add(customer)
        buyers[cohort, after].add(customer)
        sums[cohort, after] = sums[cohort, after][0] + orders, sums[cohort, after][1] + cents
        if day > first[customer]:
            again[cohort].add(customer)
    return {
        cohort: (
            len(found),
            len(again[cohort]),
            {
                month: (len(who), *sums[cohort, month])
                for (one, month), who in buyers.items()
                if one == cohort
            },
        )
        for cohort, found in sorted(members.items())
    }


async def load(ledger: Ledger, bought: dict[tuple[int, date], tuple[int, int]]) -> None:
    await ledger.pool.execute("TRUNCATE member_day")
    await member_days(
        ledger,
        [
            Day(customer, day, orders=orders, sold_fen=cents)
            for (customer, day), (orders, cents) in bought.items()
        ],
    )


async def test_real_cohorts_are_those_of_plain_python(ledger: Ledger) -> None:
    await shown(ledger)
    bought = purchases()
    await load(ledger, bought)
    found = await cohorts(ledger.pool, *EVER)
    assert {
        one.first: (one.members, one.again, {month: tuple(it) for month, it in one.months.items()})
        for one in found
    } == counted(bought)
    assert [(one.first, one.months[0].buyers == one.members) for one in found] == [
        (date(1997, 1, 1), True), (date(1997, 2, 1), True), (date(1997, 3, 1), True),
    ]  # fmt: skip
    assert sum(one.members for one in found) == 2357
    assert sum(month.orders for one in found for month in one.months.values()) == 6919
    await load(ledger, {key: value for key, value in bought.items() if key[1] <= CALIBRATED})
    assert sum(one.again for one in await cohorts(ledger.pool, *EVER)) == 946
    january = await cohorts(ledger.pool, date(1997, 1, 1), date(1997, 1, 31))
    assert [one.first for one in january] == [date(1997, 1, 1)]


JANUARY, FEBRUARY = date(2026, 1, 5), date(2026, 2, 10)


async def test_the_funnel_from_points_to_buying_again(ledger: Ledger) -> None:
    await shown(ledger)
    await member_days(
        ledger,
        [
            Day(1, JANUARY, issued=10, orders=1), Day(1, FEBRUARY, used=5), Day(1, date(2026, 2, 11), orders=1),  # all the way
            Day(2, JANUARY, issued=10), Day(2, FEBRUARY, used=5, orders=1),  # bought on the day of use, not later
            Day(3, JANUARY, issued=10), Day(3, FEBRUARY, orders=1),  # never used any
            Day(4, JANUARY, acts=1),  # got none
            Day(5, FEBRUARY, issued=1), Day(5, date(2026, 3, 1), used=1),
            Day(6, date(2026, 3, 1), orders=1, person=5),  # merged into 5, and bought on the day of use
        ],
    )  # fmt: skip
    assert await funnel(ledger.pool, *EVER) == [
        Stage(date(2026, 1, 1), 3, 2, 1), Stage(date(2026, 2, 1), 1, 1, 0),
    ]  # fmt: skip
    assert await funnel(ledger.pool, FEBRUARY, FEBRUARY) == [Stage(date(2026, 2, 1), 1, 1, 0)]
