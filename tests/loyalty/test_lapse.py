"""How long points last: by months, by days, to fixed dates, for ever; and the Chinese that says so."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.ledger.calendar import NEVER, expires_on
from loyalty.programme.declaring.lapse import Expiry
from loyalty.rule_texts import rule_texts
from tests.ledger import rules_with

QUARTERS = ["03-31", "06-30", "09-30", "12-31"]
LAPSES: list[tuple[dict[str, Any], date, date]] = [
    ({"months": 12}, date(2026, 3, 2), date(2027, 4, 1)),
    ({"months": None}, date(2026, 3, 2), NEVER),
    ({"never": True}, date(2026, 3, 2), NEVER),
    ({"days": 90}, date(2026, 3, 2), date(2026, 5, 31)),
    ({"days": 1}, date(2026, 12, 31), date(2027, 1, 1)),
    ({"fixed": "12-31"}, date(2026, 1, 1), date(2027, 1, 1)),
    ({"fixed": "12-31"}, date(2026, 12, 31), date(2027, 1, 1)),
    ({"fixed": "12-31", "grace_days": 30}, date(2026, 12, 31), date(2027, 1, 31)),
    ({"fixed": "12-31", "grace_days": 30}, date(2027, 1, 1), date(2028, 1, 31)),
    ({"fixed": "02-29"}, date(2026, 3, 1), date(2027, 3, 1)),
    ({"fixed": "02-29"}, date(2028, 2, 29), date(2028, 3, 1)),
    ({"fixed": QUARTERS}, date(2026, 3, 31), date(2026, 4, 1)),
    ({"fixed": QUARTERS}, date(2026, 4, 1), date(2026, 7, 1)),
    ({"fixed": QUARTERS}, date(2026, 12, 31), date(2027, 1, 1)),
    ({"fixed": ["03-31"]}, date(2026, 4, 1), date(2027, 4, 1)),
]


def expiry(rule: dict[str, Any]) -> Expiry:
    return rules_with(expiry=rule).expiry


@pytest.mark.parametrize(("rule", "earned", "gone"), LAPSES)
def test_the_day_on_which_points_are_gone(rule: dict[str, Any], earned: date, gone: date) -> None:
    assert expiry(rule).lapse_day(earned) == gone


TEXTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"months": 12}, ["积分 12 个月有效，到期当月月底清零。", "优先扣最早到期的积分。"]),
    ({"days": 90}, ["积分 90 天有效，获得当天算第 1 天。", "优先扣最早到期的积分。"]),
    ({"fixed": "12-31"}, ["积分每年 12 月 31 日到期清零。", "优先扣最早到期的积分。"]),
    (
        {"fixed": ["06-30", "12-31"], "grace_days": 30},
        ["积分每年 6 月 30 日、12 月 31 日到期，宽限 30 天后清零。", "优先扣最早到期的积分。"],
    ),
    ({"never": True}, ["积分长期有效。"]),
    ({"months": None}, ["积分长期有效。"]),
]


@pytest.mark.parametrize(("rule", "sentences"), TEXTS)
def test_members_read_how_long_points_last(rule: dict[str, Any], sentences: list[str]) -> None:
    topic = next(one for one in rule_texts(rules_with(expiry=rule)) if one.topic == "expiry")
    assert list(topic.sentences) == sentences


days_of_year = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"{day:%m-%d}")
rules = (
    st.fixed_dictionaries({"months": st.integers(1, 120)})
    | st.fixed_dictionaries({"days": st.integers(1, 3660)})
    | st.fixed_dictionaries(
        {
            "fixed": st.sets(days_of_year, min_size=1, max_size=4).map(sorted),
            "grace_days": st.integers(0, 366),
        }
    )
    | st.just({"never": True})
)


@given(rules, st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(0, 800))
def test_the_sentence_says_what_happens_and_later_points_never_lapse_earlier(
    rule: dict[str, Any], earned: date, later: int
) -> None:
    made = expiry(rule)
    gone = made.lapse_day(earned)
    assert earned < gone <= made.lapse_day(earned + timedelta(days=later))
    assert gone == read_back(made.text, earned)


def read_back(text: str, earned: date) -> date:
    """The day on which points are gone, from the sentence alone."""
    if text == "长期有效":
        return NEVER
    if months := re.match(r"(\d+) 个月有效", text):
        return expires_on(earned, int(months[1]))
    if days := re.match(r"(\d+) 天有效", text):
        return earned + timedelta(days=int(days[1]))
    named = {(int(month), int(day)) for month, day in re.findall(r"(\d+) 月 (\d+) 日", text)}
    grace = re.search(r"宽限 (\d+) 天", text)
    last = earned
    while not named & {(last.month, last.day), *_end_of_february(last)}:
        last += timedelta(days=1)
    return last + timedelta(days=1 + int(grace[1] if grace else 0))


def _end_of_february(day: date) -> set[tuple[int, int]]:
    return {(2, 29)} if day.month == 2 and (day + timedelta(days=1)).month == 3 else set()
