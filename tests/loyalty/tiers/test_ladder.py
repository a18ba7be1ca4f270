"""The ladder: boundaries, several metrics, any and all, what is lost and earned again."""

from datetime import date

import pytest

from loyalty.programme.rules import RuleSet
from loyalty.tiers.ladder import Ladder, Measured, Metrics
from loyalty.tiers.periods import next_review, period_start, review_due, windows
from loyalty.tiers.rule import TierReview
from tests.ledger import demo_rules, rules_with

BASIC = {"id": "basic", "name": "普通会员", "growth": 0}


def ladder_of(*tiers: dict[str, object], **review: object) -> Ladder:
    """A ladder of the lowest tier and these; kept, unless no review is given."""
    return rules_with(tiers=[BASIC, *tiers], tier_review=review or {"by": "never"}).ladder


GROWTH = [
    (0, "basic"), (1000, "basic"), (1001, "silver"), (5000, "silver"), (5001, "gold"), (20_000, "gold"), (20_001, "diamond"),
]  # fmt: skip


@pytest.mark.parametrize(("growth", "tier"), GROWTH)
def test_t01_thresholds(growth: int, tier: str) -> None:
    """1000→普通, 1001→银, 5000→银, 5001→金, 20000→金, 20001→钻."""
    ladder = demo_rules().ladder
    assert ladder.tier(None, growth).id == tier
    assert ladder.tiers[ladder.reached({"ever": Metrics(growth)})].id == tier


LINES = {
    "growth": {"metric": "growth", "at_least": 100},
    "year": {"metric": "growth", "at_least": 100, "within": "year"},
    "days": {"metric": "active_days", "at_least": 10},
    "days_365": {"metric": "active_days", "at_least": 10, "within": "days_365"},
}
FULL = {"ever": Metrics(100, 10), "year": Metrics(100, 10), "days_365": Metrics(100, 10)}
REACHES = [
    (("growth",), "any", {"ever": Metrics(99, 99)}, False),
    (("growth",), "any", {"ever": Metrics(100)}, True),
    (("year",), "any", {"ever": Metrics(100), "year": Metrics(99)}, False),
    (("year",), "any", {"year": Metrics(100)}, True),
    (("days",), "any", {"ever": Metrics(999, 9)}, False),
    (("days",), "any", {"ever": Metrics(0, 10)}, True),
    (("days_365",), "any", {"ever": Metrics(0, 99), "days_365": Metrics(0, 9)}, False),
    (("growth", "days"), "any", {"ever": Metrics(0, 10)}, True),
    (("growth", "days"), "any", {"ever": Metrics(100, 0)}, True),
    (("growth", "days"), "any", {"ever": Metrics(99, 9)}, False),
    (("growth", "days"), "all", {"ever": Metrics(100, 9)}, False),
    (("growth", "days"), "all", {"ever": Metrics(99, 10)}, False),
    (("growth", "days"), "all", {"ever": Metrics(100, 10)}, True),
    (tuple(LINES), "all", FULL, True),
    (tuple(LINES), "all", FULL | {"year": Metrics(99, 10)}, False),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "need", "measured", "reached"), REACHES)
def test_t02_metrics_any_and_all(
    lines: tuple[str, ...], need: str, measured: Measured, reached: bool
) -> None:
    gold: dict[str, object] = {
        "id": "gold",
        "name": "金卡",
        "reach": {"need": need, "lines": [LINES[line] for line in lines]},
    }
    assert ladder_of(gold).reached(measured) == int(reached)


def test_growth_alone_reaches_where_it_may() -> None:
    """An account by itself tells the tiers that its growth value reaches; the others take a look at what the member did."""
    ladder = ladder_of(
        {"id": "a", "name": "甲", "growth": 50},
        {"id": "b", "name": "乙", "reach": {"need": "all", "lines": [LINES["growth"], LINES["days"]]}},
        {"id": "c", "name": "丙", "reach": {"lines": [LINES["days"], LINES["growth"]]}},
    )
    assert [ladder.by_growth(growth) for growth in (0, 49, 50, 99, 100, 10**9)] == [0, 0, 1, 1, 3, 3]
    assert ladder.beyond_growth
    assert not demo_rules().ladder.beyond_growth


KEPT = {
    "id": "gold",
    "name": "金卡",
    "growth": 100,
    "keep": {"lines": [{"metric": "growth", "at_least": 30}]},
}
TOP = {
    "id": "top",
    "name": "黑钻",
    "growth": 200,
    "keep": {"lines": [{"metric": "active_days", "at_least": 9}]},
}


def test_a_lost_tier_is_reached_again_by_its_keep_line() -> None:
    ladder = ladder_of(KEPT, TOP, by="year")
    rich: dict[str, Metrics] = {"ever": Metrics(500)}
    assert ladder.reached(rich) == 2
    assert ladder.reached(rich, {1, 2}) == 0
    assert ladder.reached(rich | {"year": Metrics(30)}, {1, 2}) == 1
    assert ladder.reached(rich | {"year": Metrics(0, 9)}, {1, 2}) == 2


DROPS = [("step", Metrics(), 1), ("level", Metrics(), 0), ("level", Metrics(growth=30), 1)]


@pytest.mark.parametrize(("drop", "year", "rung"), DROPS)
def test_t04_one_step_or_to_level(drop: str, year: Metrics, rung: int) -> None:
    assert ladder_of(KEPT, TOP, by="year", drop=drop).below(2, {"year": year}) == rung


def day(text: str) -> date:
    """A day of the years around 2026, as `26-03-02`."""
    return date.fromisoformat(f"20{text}")


REVIEWS = [
    ("year", "26-03-02", False, "28-01-01"), ("year", "26-01-01", False, "27-01-01"), ("year", "27-01-03", True, "28-01-01"),
    ("quarter", "26-03-31", False, "26-07-01"), ("quarter", "26-04-01", False, "26-07-01"),
    ("quarter", "26-11-30", False, "27-04-01"),
    ("rolling", "26-03-02", False, "27-03-02"), ("rolling", "27-03-02", True, "28-03-01"), ("never", "26-03-02", False, None),
]  # fmt: skip


@pytest.mark.parametrize(("by", "since", "reviewed", "on"), REVIEWS)
def test_t04_the_day_of_the_review(by: str, since: str, reviewed: bool, on: str | None) -> None:
    """A period in which the tier was reached is not reviewed, unless the member had all of it."""
    review = TierReview.model_validate({"by": by})
    expected = day(on) if on else None
    assert next_review(review, day(since), reviewed=reviewed) == expected
    if expected is not None:
        for today, due in ((expected, expected), (date.fromordinal(expected.toordinal() - 1), None)):
            assert review_due(review, day(since), today, reviewed=reviewed) == due


def test_a_review_that_comes_years_late_looks_back_on_the_last_period() -> None:
    review = TierReview(by="year")
    assert review_due(review, day("26-03-02"), day("31-05-05"), reviewed=False) == day("31-01-01")


def test_periods_end_with_their_last_day() -> None:
    assert windows(day("26-12-31")) == {
        "year": (day("26-01-01"), day("27-01-01")),
        "quarter": (day("26-10-01"), day("27-01-01")),
        "days_365": (day("26-01-01"), day("27-01-01")),
    }
    assert [period_start("quarter", day(f"26-{month:02}-15")).month for month in range(1, 13)] == [
        1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10,
    ]  # fmt: skip


def test_without_a_review_nothing_is_kept() -> None:
    rules: RuleSet = demo_rules()
    assert not rules.ladder.is_kept
    assert rules.ladder.tier("gold", 0).id == "basic"
