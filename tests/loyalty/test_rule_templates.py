"""Keys of templates against what delivery can really put into them."""

import json
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from channels.notices import expiry
from loyalty.ledger.calendar import NEVER
from loyalty.ledger.words import day_text, last_day_text, number
from loyalty.programme.declaring import templates
from loyalty.programme.declaring.sections import Template
from loyalty.programme.declaring.templates import BRANDS, FACTS, FOREVER, FREE, KINDS, TAKEN_BY
from tests.ledger import START, rules_with
from wechat.errors import UnfitValue
from wechat.values import fit

DAY = START.date()
VALUES = {
    "points": [number(value) for value in (1, 50, 999, 1000, 12_345, 10_000_000)],
    "last_day": [day_text(DAY)],
    "tip": [expiry.content(5, DAY, 1).tip, expiry.content(5, DAY, 7).tip],
}
"""Texts that a notice can put into a template; a key must take each of them."""
BRAND_SAMPLES = ["拾光咖啡", "Starlight", "Cafe 24", "拾光 Cafe", "光·影", "7-11", "一二三四五六七八九十十一"]


def takes(kind: str, text: str) -> bool:
    try:
        return bool(fit(f"{kind}1", text))
    except UnfitValue:
        return False


@pytest.mark.parametrize("fact", VALUES)
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"const", "enum"}))
def test_a_kind_takes_a_fact_exactly_where_delivery_can_fill_it(kind: str, fact: str) -> None:
    assert (kind in TAKEN_BY[fact]) == all(takes(kind, text) for text in VALUES[fact])


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"const", "enum"}))
def test_a_notice_without_a_day_says_forever(kind: str) -> None:
    text = last_day_text(NEVER)
    assert takes(kind, text) == (
        kind in (*FOREVER, "name", "car_number")
    )  # the words fit a name and a number plate by chance


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"const", "enum"}))
@pytest.mark.parametrize("brand", BRAND_SAMPLES)
def test_a_brand_is_held_against_the_narrow_kinds(kind: str, brand: str) -> None:
    if kind not in TAKEN_BY["brand"]:
        assert not templates.brand_faults({f"{kind}1": "brand"}, brand)
        return
    assert bool(templates.brand_faults({f"{kind}1": "brand"}, brand)) != takes(kind, brand)
    assert kind == "thing" or kind in BRANDS


def test_the_facts_are_those_of_the_model() -> None:
    choices = get_args(Template.model_fields["fields"].annotation)[1]
    assert set(get_args(choices)) == FACTS.keys() == TAKEN_BY.keys()


def with_fields(notice: str, **fields: str) -> Any:
    """The demo's notices with one template's fields replaced."""
    notices = json.loads(rules_with().model_dump_json())["notices"]
    notices[notice]["template"]["fields"] = fields
    return notices


@pytest.mark.parametrize(
    ("notice", "fields", "fault"),
    [
        ("expiry", {"date1": "last_day", "amount2": "points", "thing3": "tip"}, None),
        ("expiry", dict.fromkeys(("first", "keyword1", "remark"), "tip"), None),
        ("expiry", {"phrase1": "last_day"}, "phrase 字段"),
        ("expiry", {"time1": "last_day"}, "time 字段"),
        ("expiry", {}, "要写 1 到 10 项"),
        ("expiry", {f"thing{number}": "tip" for number in range(11)}, "要写 1 到 10 项"),
        ("expiry", {"thing": "tip"}, "后面要有编号"),
        ("expiry", {"Thing1": "tip"}, "没有这种字段"),
        ("expiry", {"const1": "brand"}, "模板里列好的选项"),
        ("wake_up", {"date1": "last_day"}, "长期有效"),
        ("wake_up", {"thing1": "last_day"}, None),
    ],
)
def test_templates_are_checked_with_the_rules(notice: str, fields: dict[str, str], fault: str | None) -> None:
    if fault is None:
        assert rules_with(notices=with_fields(notice, **fields))
        return
    with pytest.raises(ValidationError, match=fault):
        rules_with(notices=with_fields(notice, **fields))
    assert FREE
