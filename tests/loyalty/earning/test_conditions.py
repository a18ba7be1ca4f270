"""The vocabulary of conditions: each holds for the events it means, and for no others."""

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from loyalty.earning.rules.conditions import HOLDS, Condition
from tests.ledger import ZONE
from tests.loyalty.earning.facts import condition, facts


def on(text: str) -> dict[str, Any]:
    """An instant on the programme's clock."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZONE)
    return {"at": at}


TODAY = date(2026, 3, 4)
CASES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"tier": ["silver", "gold"]}, {"tier": "gold"}, True),
    ({"tier": ["silver", "gold"]}, {"tier": "basic"}, False),
    ({"member_for": {"below": 30}}, {"joined_on": date(2026, 2, 3)}, True),
    ({"member_for": {"below": 30}}, {"joined_on": date(2026, 2, 2)}, False),
    ({"member_for": {"at_least": 30, "below": 31}}, {"joined_on": date(2026, 2, 2)}, True),
    ({"member_for": {"at_least": 0}}, {"joined_on": date(2026, 3, 5)}, False),
    ({"birthday": "day"}, {"birthday": (3, 4)}, True),
    ({"birthday": "day"}, {"birthday": (3, 5)}, False),
    ({"birthday": "day"}, {}, False),
    ({"birthday": "day"}, {"birthday": (2, 29), **on("2026-02-28T09:00")}, True),
    ({"birthday": "day"}, {"birthday": (2, 29), **on("2026-03-01T09:00")}, False),
    ({"birthday": "day"}, {"birthday": (2, 29), **on("2028-02-28T09:00")}, False),
    ({"birthday": "day"}, {"birthday": (2, 29), **on("2028-02-29T09:00")}, True),
    ({"birthday": "week"}, {"birthday": (3, 2)}, True),
    ({"birthday": "week"}, {"birthday": (3, 8)}, True),
    ({"birthday": "week"}, {"birthday": (3, 9)}, False),
    ({"birthday": "week"}, {"birthday": (1, 1), **on("2026-12-31T23:00")}, True),
    ({"birthday": "week"}, {"birthday": (12, 31), **on("2026-01-02T23:00")}, True),
    ({"birthday": "month"}, {"birthday": (3, 31)}, True),
    ({"birthday": "month"}, {"birthday": (4, 4)}, False),
    ({"weekday": ["wednesday"]}, {}, True),
    ({"weekday": ["thursday", "friday"]}, {}, False),
    ({"festival": ["spring_festival"]}, on("2027-02-05T23:59"), True),
    ({"festival": ["spring_festival"]}, on("2027-02-08T09:00"), True),
    ({"festival": ["spring_festival"]}, on("2027-02-09T09:00"), False),
    ({"festival": ["mid_autumn", "national_day"]}, on("2026-09-25T00:00"), True),
    ({"festival": ["mid_autumn"]}, on("2028-10-03T09:00"), True),
    ({"festival": ["national_day"]}, on("2028-10-03T09:00"), True),
    ({"festival": ["national_day"]}, on("2026-10-05T09:00"), False),
    ({"festival": ["new_year"]}, {}, False),
    ({"time_of_day": {"from": "12:00", "until": "13:00"}}, {}, True),
    ({"time_of_day": {"from": "11:00", "until": "12:00"}}, {}, False),
    ({"time_of_day": {"from": "22:00", "until": "02:00"}}, on("2026-03-04T01:59"), True),
    ({"time_of_day": {"from": "22:00", "until": "02:00"}}, on("2026-03-04T02:00"), False),
    ({"store": ["sh-01"]}, {"store": "sh-01"}, True),
    ({"store": ["sh-01"]}, {}, False),
    ({"region": ["华东"]}, {"region": "华东"}, True),
    ({"region": ["华东"]}, {"region": "华南"}, False),
    ({"channel": ["online"]}, {"channel": "online"}, True),
    ({"channel": ["online"]}, {"channel": "store"}, False),
    ({"amount": {"at_least": 8880}}, {}, True),
    ({"amount": {"below": 8880}}, {}, False),
    ({"amount": {"below": 8880}}, {"amount_fen": None}, False),
    ({"order_number": {"ever": 1}}, {"order_number": 1}, True),
    ({"order_number": {"ever": 1}}, {"order_number": 2}, False),
    ({"order_number": {"every": 5}}, {"order_number": 10}, True),
    ({"order_number": {"every": 5}}, {"order_number": 0}, False),
    ({"order_number": {"every": 5}}, {"order_number": 5, "rewarded": 5}, False),
    ({"order_number": {"every": 5}}, {"order_number": 10, "rewarded": 5}, True),
    ({"order_number": {"ever": 2}}, {"order_number": 2, "rewarded": 2}, False),
    ({"order_number": {"ever": 1}}, {"order_number": 1, "rewarded": 5}, True),
    ({"order_number": {"within_days": 7, "nth": 2}}, {"order_days": (date(2026, 2, 26),)}, True),
    ({"order_number": {"within_days": 7, "nth": 2}}, {"order_days": (date(2026, 2, 25),)}, False),
    ({"order_number": {"within_days": 7, "nth": 2}}, {"order_days": (TODAY, TODAY)}, False),
    ({"months_in_a_row": 3}, {"months_in_a_row": 3}, True),
    ({"months_in_a_row": 3}, {"months_in_a_row": 4}, False),
    ({"months_in_a_row": 3}, {"months_in_a_row": 6}, True),
    ({"months_in_a_row": 3}, {"months_in_a_row": 0}, False),
    ({"first_of_its_kind": True}, {"first_of_kind": True}, True),
    ({"first_of_its_kind": True}, {}, False),
    ({"attribute": {"minutes": {"at_least": 30}}}, {"attributes": {"minutes": 30}}, True),
    ({"attribute": {"minutes": {"at_least": 30}}}, {"attributes": {"minutes": 29}}, False),
    ({"attribute": {"minutes": {"below": 30}}}, {"attributes": {"minutes": 29}}, True),
    ({"attribute": {"minutes": {"below": 30}}}, {}, False),
    ({"attribute": {"minutes": {"below": 30}}}, {"attributes": {"minutes": True}}, False),
    ({"attribute": {"done": {"equals": True}}}, {"attributes": {"done": True}}, True),
    ({"attribute": {"done": {"equals": True}}}, {"attributes": {"done": 1}}, False),
    ({"attribute": {"kind": {"one_of": ["run", "swim"]}}}, {"attributes": {"kind": "swim"}}, True),
    ({"attribute": {"kind": {"one_of": ["run", "swim"]}}}, {"attributes": {"kind": "walk"}}, False),
    ({"segment": ["at_risk"]}, {"segments": frozenset({"at_risk", "new"})}, True),
    ({"segment": ["at_risk"]}, {}, False),
    ({"community": ["run-club"]}, {"community": "run-club"}, True),
    ({"community": ["run-club"]}, {}, False),
    ({"consent": ["notices", "phone"]}, {"consents": frozenset({"notices", "phone"})}, True),
    ({"consent": ["notices", "phone"]}, {"consents": frozenset({"notices"})}, False),
]


@pytest.mark.parametrize(("written", "known", "holds"), CASES)
def test_a_condition_holds_for_what_it_means(
    written: dict[str, Any], known: dict[str, Any], holds: bool
) -> None:
    assert condition(**written).holds(facts(**known)) is holds


def test_every_condition_is_answered_both_ways() -> None:
    assert Condition.model_fields.keys() == HOLDS.keys()
    for answer in (True, False):
        assert {next(iter(written)) for written, _, holds in CASES if holds is answer} == HOLDS.keys()


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ({}, "要写一项，也只能写一项；现在一项也没有写"),
        ({"tier": ["gold"], "weekday": ["monday"]}, "现在写了 tier、weekday"),
        ({"tier": ["gold", "gold"]}, "写了两次：gold"),
        ({"tier": []}, "at least 1 item"),
        ({"amount": {"at_least": 5, "below": 5}}, "永远不会成立"),
        ({"amount": {}}, "at_least 和 below 至少写一项"),
        ({"time_of_day": {"from": "24:00", "until": "02:00"}}, "要写几点几分"),
        ({"time_of_day": {"from": "12:00", "until": "12:00"}}, "不能和 from 相同"),
        ({"order_number": {"ever": 1, "nth": 3}}, "把 within_days 和 nth 一起写"),
        ({"order_number": {"within_days": 7}}, "把 within_days 和 nth 一起写"),
        ({"attribute": {"minutes": {"equals": 1.5}}}, "要写整数"),
        ({"first_of_its_kind": False}, "Input should be True"),
        ({"birthday": "year"}, "'day', 'week' or 'month'"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused(written: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        condition(**written)
