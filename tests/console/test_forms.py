"""Forms from the model: every item has a shape, a new item appears by itself, and what is typed becomes the value and back."""

import json
from datetime import datetime
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from console.forms.places import choices_for, new_element, put_at, title_of, value_at
from console.forms.shapes import (
    Choice,
    Fixed,
    Flag,
    Group,
    Item,
    Kinds,
    Many,
    Number,
    Pairs,
    Shape,
    When,
    Words,
    group_of,
    section_items,
)
from console.forms.summaries import summary_of
from console.forms.values import shown_free, shown_number, typed_free, typed_number
from loyalty.programme.declaring.sections import Points, Rule
from loyalty.programme.outline.items import items_of
from loyalty.programme.rules import RuleSet
from operators.rules.drafts import body_of, checked
from tests.ledger import demo_rules

FEN, PPM, DAYS = Number("fen", 0, None), Number("ppm", 0, 1_000_000), Number("days", 1, 366)


def every_item(shape: Shape, path: str = "") -> list[tuple[str, Item]]:
    match shape:
        case Group(fields=fields):
            return [
                found
                for item in fields
                for found in [(f"{path}.{item.key}", item), *every_item(item.shape, f"{path}.{item.key}")]
            ]
        case Many(element=element):
            return every_item(element, path)
        case Pairs(value=value):
            return every_item(value, path)
        case Kinds(shapes=shapes):
            return [found for one in shapes for found in every_item(one, path)]
    return []


ITEMS = every_item(group_of(RuleSet))


def test_every_section_of_the_model_has_a_form() -> None:
    assert section_items().keys() == items_of(RuleSet).keys()
    assert len(ITEMS) > 200
    assert all(item.title and not item.title.isascii() for _, item in ITEMS)


def test_what_only_a_files_writer_needs_is_not_in_the_help() -> None:
    told = {path: item.help for path, item in ITEMS}
    for words in ("1 元写 100", "写 true", "写 null", "不写", "百万分之", "里的编号", "per_fen"):
        assert [path for path, text in told.items() if words in text] == [], words
    assert told[".wheels.round"] == "一天一轮，一周一轮；一轮结束就公开它的种子，会员可以核对每次抽奖。"
    assert "「倍数」" in told[".earning.award"]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (".check_in.points", Number("points", 1, 10_000_000)),
        (".wheels.prizes.odds_ppm", Number("ppm", 0, 1_000_000)),
        (".wheels.prizes.value_fen", Number("fen", 0, 5_000_000)),
        (".wheels.round", Choice({"day": "一天一轮", "week": "一周一轮"})),
        (".earning.when.first_of_its_kind", Flag(only_true=True)),
        (".earning.when.time_of_day.from", When("time")),
        (".rewards.terms", Words(500, long=True)),
    ],
)
def test_an_item_has_the_shape_of_its_type(path: str, shape: Shape) -> None:
    assert dict(ITEMS)[path].shape == shape


def test_ranges_lists_and_kinds_have_their_shapes() -> None:
    by_path = dict(ITEMS)
    assert by_path[".notices.expiry.ranges_days"].shape == Many(Fixed((Number("days", None, None),) * 2), 0)
    assert isinstance(by_path[".earning.growth"].shape, Kinds)
    when = by_path[".earning.when"].shape
    assert isinstance(when, Many)
    assert isinstance(when.element, Group)
    assert when.element.one_of


class Lantern(Rule):
    """A section that nobody has thought of yet."""

    lit_at: datetime | None = Field(default=None, title="何时点灯", description="什么时候点灯；不写就不点。")
    price_fen: Annotated[int, Field(ge=0)] = Field(title="灯油", description="多少分钱（1 元写 100）。")
    colours: tuple[str, ...] = Field(default=(), title="颜色", description="可以有几种。")
    points: Points = Field(default=5, title="点灯积分", description="点一次得多少。")


def test_a_field_that_is_added_to_the_model_appears_by_itself() -> None:
    fields = group_of(Lantern).fields
    assert [(item.title, item.required) for item in fields] == [
        ("何时点灯", False), ("灯油", True), ("颜色", False), ("点灯积分", False),
    ]  # fmt: skip
    assert [type(item.shape) for item in fields] == [When, Number, Many, Number]
    assert fields[0].help == "什么时候点灯；不填就不点。"
    assert fields[1].help == "多少钱。"


@pytest.mark.parametrize(
    ("typed", "shape", "value"),
    [
        ("12.5", FEN, 1250), ("0.01", FEN, 1), ("1,200", FEN, 120_000), ("¥3", FEN, "¥3"), ("0.001", FEN, "0.001"),
        ("0.1", PPM, 1_000), ("29.9%", PPM, 299_000), ("30", DAYS, 30), ("3.5", DAYS, "3.5"), ("", DAYS, None),
        ("三十", DAYS, "三十"), ("-5", DAYS, -5), ("1e400", DAYS, "1e400"), ("nan", DAYS, "nan"), ("9" * 40, DAYS, "9" * 40),
    ],
)  # fmt: skip
def test_a_number_is_taken_as_people_write_it(typed: str, shape: Number, value: Any) -> None:
    assert typed_number(typed, shape) == value


@given(st.integers(-(10**12), 10**12), st.sampled_from([FEN, PPM, DAYS]))
def test_a_number_that_is_shown_is_typed_back(value: int, shape: Number) -> None:
    assert typed_number(shown_number(value, shape), shape) == value


@given(st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.sampled_from(["1.5", "3/2", "自提"])))
def test_a_free_value_that_is_shown_is_typed_back(value: int | str | bool) -> None:
    assert typed_free(shown_free(value)) == value
    assert type(typed_free(shown_free(value))) is type(value)


def test_the_rules_as_a_draft_holds_them_are_the_rules() -> None:
    rules = demo_rules()
    found, faults = checked(json.loads(json.dumps(body_of(rules))))
    assert faults == []
    assert found is not None
    assert found.digest == rules.digest


def test_values_are_put_and_taken_by_their_places() -> None:
    body: dict[str, Any] = {"wheels": [{"id": "lucky", "prizes": [{"id": "a"}]}]}
    put_at(body, ("wheels", 0, "prizes", 1), {"id": "b"})
    put_at(body, ("wheels", 0, "prizes", 0, "substitute"), "b")
    put_at(body, ("notices", "quiet_hours", "from_hour"), 22)
    assert body["wheels"][0]["prizes"] == [{"id": "a", "substitute": "b"}, {"id": "b"}]
    assert value_at(body, ("notices", "quiet_hours", "from_hour")) == 22
    put_at(body, ("wheels", 0, "prizes", 0, "substitute"), None)
    assert value_at(body, ("wheels", 0, "prizes", 0, "substitute")) is None
    assert value_at(body, ("wheels", 7, "prizes")) is None


def test_ids_of_other_things_are_chosen_by_name() -> None:
    body = body_of(demo_rules())
    assert choices_for(body, ("earning", 0, "on")) == {"purchase": "消费"}
    assert choices_for(body, ("welcome", "ticket")) == {"lucky": "幸运大转盘"}
    assert choices_for(body, ("wheels", 0, "name")) is None
    prizes = [prize["id"] for prize in body["wheels"][0]["prizes"]]
    substitutes = choices_for(body, ("wheels", 0, "prizes", 0, "substitute"))
    assert substitutes is not None
    assert list(substitutes) == prizes[1:]


def test_a_new_element_has_an_id_and_a_slot_of_its_own() -> None:
    prizes = dict(ITEMS)[".wheels.prizes"].shape
    assert isinstance(prizes, Many)
    first = new_element(prizes.element, [], "prizes")
    second = new_element(prizes.element, [first], "prizes")
    assert (first, second) == ({"id": "prize_1", "slot": 0}, {"id": "prize_2", "slot": 1})
    assert title_of(first, 0) == "prize_1"
    assert title_of({"streak": 3}, 1) == "第 2 项"


def test_a_thing_is_summed_up_in_a_line() -> None:
    reward = section_items()["rewards"].shape
    assert isinstance(reward, Many)
    assert isinstance(reward.element, Group)
    told = summary_of(
        reward.element, {"id": "cup", "name": "杯", "kind": "voucher", "price_points": 1500, "stock": 5}
    )
    assert told == "种类 到店出示的券，价格 1,500 分，库存 5"
