"""The sentence of an earning rule: it reads well, and states the rule that runs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.earning.rules.condition_words import PHRASES, Names
from loyalty.earning.rules.conditions import WEEKDAYS, Condition
from loyalty.earning.rules.rule import EarningRule, EventType, Stacking
from loyalty.earning.rules.texts import rule_sentence, stacking_sentence
from loyalty.programme.declaring.festivals import NAMES as FESTIVALS
from tests.loyalty.earning import reading
from tests.loyalty.earning.facts import rule


def ids(known: dict[str, str]) -> dict[str, str]:
    """The names by their ids."""
    return {one: name for name, one in known.items()}


KINDS: dict[str, str] = {"minutes": "integer", "sport": "text", "photo": "boolean"}
WORKOUT = {
    "id": "workout", "name": "运动打卡", "attributes": {
        one: {"type": KINDS[one], "name": name} | ({"values": ids(reading.VALUES)} if one == "sport" else {})
        for name, one in reading.ATTRIBUTES.items()
    },
}  # fmt: skip
NAMES = Names(
    ids(reading.TIERS), ids(reading.STORES), ids(reading.EVENTS), ids(reading.CHANNELS), ids(reading.SEGMENTS),
    ids(reading.COMMUNITIES), attributes={"workout": EventType.model_validate(WORKOUT).attributes},
)  # fmt: skip
MEMBER_DAY = {
    "id": "member_day", "name": "会员日双倍", "multiply": 2, "when": [{"weekday": ["wednesday"]}, {"store": ["sh-01", "sh-02"]}],
    "from": "2026-12-01T00:00", "until": "2027-01-01T00:00", "budget": {"per_day": 50_000},
}  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({}, "消费返积分：消费每满 1 元得 1 积分。"),
        (
            {"pending_days": {"default": 7, "gold": 0}, "expiry": {"months": 12}},
            "消费返积分：消费每满 1 元得 1 积分；7 天后到账，金卡会员马上到账；积分 12 个月有效，到期当月月底清零。",
        ),
        (
            MEMBER_DAY,
            "会员日双倍：2026年12月1日到2026年12月31日，周三，在人民广场店、静安店，消费得 2 倍积分；"  # noqa: ISC004
            "全体会员每天最多多得 50,000 积分，发完为止。",
        ),
        (
            {"award": {"points": 5}, "on": "workout", "name": "运动", "when": [{"attribute": {"minutes": {"at_least": 30}}}],
             "limit": [{"per": "day", "times": 1}, {"per": "month", "points": 100, "tier": ["basic"]}]},
            "运动：运动分钟数不少于 30，运动打卡得 5 积分；每人每天最多 1 次；普通会员每月最多得 100 积分。",
        ),
        (
            {"award": {"points": 5}, "on": "workout", "name": "运动", "when": [
                {"first_of_its_kind": True}, {"channel": ["online", "kiosk"]}, {"community": ["run-club"]},
                {"segment": ["at_risk"]},
                {"attribute": {"photo": {"equals": True}, "sport": {"one_of": ["run", "swim"]}}},
            ], "limit": [{"per": "ever", "times": 1, "of": "sport"}]},
            "运动：渠道是网上商城、kiosk，来自社群「跑步社」，限「久未到店」的会员，符合「带图」，项目是跑步、游泳之一，"  # noqa: ISC004
            "第一次运动打卡得 5 积分；每人每个项目总共最多 1 次。",
        ),
        ({"when": [{"order_number": {"ever": 1}}]}, "消费返积分：入会后的首单，消费每满 1 元得 1 积分。"),
        (
            {"award": {"points": 3, "per_fen": 1050}, "growth": {"points": 1, "per_fen": 100}, "until": "2026-12-01T18:30"},
            "消费返积分：到 2026年12月1日 18:30 为止，消费每 10.50 元得 3 积分（按比例算，舍去小数）；另外每满 1 元得 1 成长值。",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_told_in_one_sentence(parts: dict[str, Any], sentence: str) -> None:
    assert rule_sentence(rule(**parts), NAMES) == sentence


def test_a_budget_that_is_gone_is_told() -> None:
    one = rule(budget={"total": 500})
    assert rule_sentence(one, NAMES, {"budget:spend"}).endswith(
        "总共最多得 500 积分，发完为止，现在已经发完。"
    )


def test_the_way_factors_go_together_is_told() -> None:
    assert stacking_sentence(Stacking(multipliers="best", cap=5)).startswith(
        "几个倍数同时成立时只按最高的倍数算，最多 5 倍；"
    )
    assert "倍数相乘，最多 10 倍" in stacking_sentence(Stacking(multipliers="product"))


words = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True)
some = st.lists(words, min_size=1, max_size=3, unique=True)
spans = st.one_of(
    st.builds(lambda low: {"at_least": low}, st.integers(0, 10**6)),
    st.builds(lambda high: {"below": high}, st.integers(1, 10**6)),
    st.builds(lambda low, more: {"at_least": low, "below": low + more}, st.integers(0, 10**6), st.integers(1, 10**6)),
)  # fmt: skip
values = st.integers(-99, 10**6) | words | st.sampled_from(sorted(reading.VALUES.values()))
clocks = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
attributes = words | st.sampled_from(sorted(reading.ATTRIBUTES.values()))
tests = st.one_of(
    st.fixed_dictionaries({"equals": values | st.booleans()}),
    st.fixed_dictionaries({"one_of": st.lists(values, min_size=1, max_size=3, unique_by=str)}),
    st.fixed_dictionaries({"at_least": st.integers(-99, 10**6)}),
    st.fixed_dictionaries({"below": st.integers(-99, 10**6)}),
)
tiers = st.lists(st.sampled_from(sorted(reading.TIERS.values())), min_size=1, max_size=3, unique=True)
counts = st.integers(2, 5000)
WANTED: dict[str, st.SearchStrategy[Any]] = {
    "tier": tiers,
    "member_for": spans,
    "birthday": st.sampled_from(["day", "week", "month"]),
    "weekday": st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True),
    "festival": st.lists(st.sampled_from(sorted(FESTIVALS)), min_size=1, max_size=3, unique=True),
    "time_of_day": st.tuples(clocks, clocks).filter(lambda two: two[0] != two[1]).map(
        lambda two: {"from": two[0], "until": two[1]}
    ),
    "store": st.lists(st.sampled_from(["sh-01", "sh-02"]), min_size=1, unique=True),
    "region": st.lists(st.sampled_from(["华东", "华南"]), min_size=1, unique=True),
    "channel": some | st.sampled_from(sorted(reading.CHANNELS.values())).map(lambda one: [one]),
    "amount": spans,
    "order_number": st.one_of(
        st.fixed_dictionaries({"ever": st.integers(1, 5000)}),
        st.fixed_dictionaries({"every": counts}),
        st.fixed_dictionaries({"within_days": st.integers(1, 366), "nth": counts}),
    ),
    "months_in_a_row": st.integers(2, 60),
    "first_of_its_kind": st.just(True),
    "attribute": st.dictionaries(attributes, tests, min_size=1, max_size=1),
    "segment": some | st.just(["at_risk"]),
    "community": some | st.just(["run-club"]),
    "consent": st.lists(st.sampled_from(["notices", "phone"]), min_size=1, unique=True),
}  # fmt: skip
conditions = st.sampled_from(sorted(WANTED)).flatmap(
    lambda kind: WANTED[kind].map(lambda value: {kind: value})
)
moments = st.datetimes().map(lambda at: at.replace(second=0, microsecond=0)).filter(lambda at: at.year > 1000)
windows = st.lists(moments, min_size=2, max_size=2, unique=True).map(sorted).flatmap(
    lambda two: st.fixed_dictionaries({}, optional={
        "from": st.just(two[0].isoformat("T", "minutes")), "until": st.just(two[1].isoformat("T", "minutes")),
    })
)  # fmt: skip
amounts = st.fixed_dictionaries(
    {"points": st.integers(1, 10**6)}, optional={"per_fen": st.integers(1, 10**6)}
)
expiries = st.one_of(
    st.fixed_dictionaries({"months": st.integers(1, 120)}),
    st.fixed_dictionaries({"days": st.integers(1, 3660)}),
    st.fixed_dictionaries(
        {"fixed": st.just(["03-31", "12-31"])}, optional={"grace_days": st.integers(1, 180)}
    ),
    st.just({"never": True}),
)
days = st.integers(0, 90)
limits = st.fixed_dictionaries(
    {"per": st.sampled_from(["day", "week", "month", "year", "order", "ever"])},
    optional={
        "times": st.integers(1, 9999),
        "points": st.integers(1, 10**6),
        "tier": tiers,
        "of": attributes,
    },
).filter(lambda limit: "times" in limit or "points" in limit)
budgets = st.fixed_dictionaries(
    {}, optional={"per_day": counts, "per_month": counts, "total": counts}
).filter(bool)
shared = {"limit": st.lists(limits, max_size=3), "budget": budgets, "when": st.lists(conditions, max_size=4)}
bases = st.fixed_dictionaries(
    {"award": amounts},
    optional=shared
    | {
        "pending_days": days
        | st.fixed_dictionaries({"default": days, "gold": days}, optional={"silver": days}),
        "expiry": expiries,
        "growth": st.just("none") | amounts,
    },
)
multipliers = st.fixed_dictionaries(
    {"multiply": st.integers(2, 10) | st.sampled_from(["1.5", "1.25", "4/3"])}, optional=shared
)
rules = st.builds(
    lambda window, parts, on: rule(id="spend", on=on, **window, **parts),
    windows,
    bases | multipliers,
    st.sampled_from(sorted(reading.EVENTS.values())),
)


@given(rules)
def test_a_sentence_reads_back_as_the_rule(one: EarningRule) -> None:
    sentence = rule_sentence(one, NAMES)
    told = EarningRule.model_validate_json(json.dumps({"id": "spend"} | reading.read_rule(sentence)))
    assert together(told) == together(one), sentence


def together(one: EarningRule) -> tuple[dict[str, Any], set[str]]:
    """A rule, and its conditions without their order: all of them must hold, and 第一次 stands beside the event."""
    parts = one.model_dump(mode="json")
    return parts, {json.dumps(condition, sort_keys=True) for condition in parts.pop("when")}


def test_every_condition_has_a_phrase() -> None:
    assert Condition.model_fields.keys() == PHRASES.keys() == WANTED.keys()
