"""Warnings before publication: an award that is probably meant in yuan, and every id that members would read."""

from typing import Any

import pytest

from loyalty.earning.rules.texts import rule_texts
from loyalty.earning.rules.warnings import warnings
from loyalty.features import FEATURES
from loyalty.programme.comparing.favour import losses
from loyalty.programme.publishing import publication
from loyalty.welcome import FOLLOW_WARNING
from tests.ledger import rules_with
from tests.loyalty.earning.facts import SPEND

SPORT = {"type": "text", "name": "项目", "values": {"run": "跑步"}}
EVENTS: list[dict[str, Any]] = [
    {"id": "purchase", "name": "消费", "amount": "required", "order": "required"},
    {"id": "workout", "name": "运动打卡", "attributes": {"minutes": "integer", "sport": SPORT, "community": "text"}},
]  # fmt: skip
WORKOUT = {"id": "workout", "name": "运动", "on": "workout", "award": {"points": 5}}
NAMES = {
    "channels": {"online": "网上商城"},
    "segments": {"at_risk": "久未到店"},
    "communities": {"run-club": "跑步社"},
}


def warned(rule: dict[str, Any], **parts: Any) -> list[str]:
    return list(warnings(rules_with(events=EVENTS, earning=[rule], **parts)))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            SPEND | {"award": {"points": 1, "per_fen": 1}},
            "消费 1 元得 100 积分。per_fen 的单位是分：1 元要写成 per_fen: 100",
        ),
        (SPEND | {"award": {"points": 1, "per_fen": 9}}, "9 元要写成 per_fen: 900"),
        (SPEND | {"when": [{"channel": ["kiosk"]}]}, "请写上：names: {channels: {kiosk: 中文名}}"),
        (SPEND | {"when": [{"segment": ["vip"]}]}, "人群 vip 没有中文名，会员会读到「vip」"),
        (WORKOUT | {"when": [{"community": ["yoga"]}]}, "names: {communities: {yoga: 中文名}}"),
        (WORKOUT | {"when": [{"attribute": {"minutes": {"at_least": 9}}}]}, "minutes: {type: integer, name: 中文名}"),
        (WORKOUT | {"limit": [{"per": "day", "times": 1, "of": "minutes"}]}, "属性 minutes 没有中文名"),
        (WORKOUT | {"when": [{"attribute": {"sport": {"one_of": ["run", "swim"]}}}]}, "values: {swim: 中文名}"),
    ],
)  # fmt: skip
def test_what_reads_or_pays_oddly_is_warned_of_once(rule: dict[str, Any], told: str) -> None:
    assert [told in one for one in warned(rule, names=NAMES)] == [True]


def test_a_name_that_is_the_id_is_warned_of() -> None:
    store = {"id": "east", "name": "east"}
    assert warned(SPEND, stores=[store]) == ["门店 east 的名称就是编号，会员会读到它。请把 name 写成中文。"]


def test_members_read_names_alone_and_no_id_is_warned_of() -> None:
    when = [
        {"channel": ["online"]}, {"segment": ["at_risk", "沉睡会员"]}, {"community": ["run-club"]},
        {"attribute": {"sport": {"equals": "run"}}},
    ]  # fmt: skip
    rules = rules_with(events=EVENTS, earning=[SPEND, WORKOUT | {"when": when}], names=NAMES)
    assert publication.warnings(rules, FEATURES) == [FOLLOW_WARNING]
    (topic,) = rule_texts(rules, ())
    assert topic.sentences[1] == (
        "运动：渠道是网上商城，限「久未到店、沉睡会员」的会员，来自社群「跑步社」，项目是跑步，运动打卡得 5 积分。"
    )


def test_a_name_takes_nothing_from_anybody_and_a_type_alone_stays_short() -> None:
    named = [EVENTS[0], EVENTS[1] | {"attributes": {"minutes": {"type": "integer", "name": "分钟数"}}}]
    short = [EVENTS[0], EVENTS[1] | {"attributes": {"minutes": "integer"}}]
    before, after = rules_with(events=short), rules_with(events=named, names=NAMES)
    assert losses(before, after) == []
    assert before.model_dump(mode="json")["events"][1]["attributes"] == {"minutes": "integer"}
