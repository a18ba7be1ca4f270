"""Earning rules that cannot be meant: each is named with its line and its item, and nothing of the file is taken."""

import json
from typing import Any

import pytest
import yaml

from loyalty.programme.files.checking import check, where_text
from loyalty.programme.files.document import read_document
from loyalty.programme.files.writing import written
from tests.ledger import rules_with
from tests.loyalty.earning.facts import SPEND

EVENTS = [
    {"id": "purchase", "name": "消费", "amount": "required", "order": "required"},
    {"id": "workout", "name": "运动打卡", "attributes": {"minutes": "integer", "kind": "text"}},
]
STORES = [
    {"id": "sh-01", "name": "人民广场店", "region": "华东"},
    {"id": "gz-01", "name": "天河店", "region": "华南"},
]
DOUBLE = {"id": "double", "name": "双倍", "on": "purchase", "multiply": 2}
WORKOUT = {"id": "workout", "name": "运动", "on": "workout", "award": {"points": 5}}
WEDNESDAY, THURSDAY = {"weekday": ["wednesday"]}, {"weekday": ["thursday"]}


def doubled(*when: dict[str, Any], **parts: Any) -> list[dict[str, Any]]:
    return [SPEND, DOUBLE | {"when": list(when)} | parts]


def worked(*tests: dict[str, Any]) -> list[dict[str, Any]]:
    return [WORKOUT | {"when": [{"attribute": test} for test in tests]}]


def faults(earning: list[dict[str, Any]], **parts: Any) -> list[str]:
    """What `jifen rules validate` says about a file with these rules: the place, and the sentence."""
    text = written(rules_with(events=EVENTS, stores=STORES, earning=[]))
    body = json.loads(
        json.dumps({"earning": earning} | parts)
    )  # without shared parts, which YAML would give names
    text += yaml.safe_dump(body, allow_unicode=True, sort_keys=False).replace("\non:", "\n'on':")
    document = read_document(text)
    _, found = check(document)
    lines = text.splitlines()
    for fault in found:
        assert str(fault.where[-1]) in lines[fault.line - 1] or isinstance(fault.where[-1], int)
    return [f"{where_text(document, fault.where)}：{fault.sentence}" for fault in found]


CASES: list[tuple[list[dict[str, Any]], str]] = [
    ([SPEND | {"on": "purchse"}], "earning（赚积分）「spend」 › on（事件）：没有编号为 purchse 的事件，是不是想写 purchase？"),
    (doubled({"tier": ["goldd"]}), "when（条件） 第 1 项 › tier（等级）：没有编号为 goldd 的等级，是不是想写 gold？"),
    (doubled({"store": ["sh-02"]}), "没有编号为 sh-02 的门店，是不是想写 sh-01？"),
    (doubled({"store": ["nanjing"]}), "没有编号为 nanjing 的门店；现有的是 sh-01、gz-01"),
    ([SPEND | {"award": {"points": 1, "per_yuan": 10}}], "per_yuan：没有这一项，金额用分写：每 10 元写成 per_fen: 1000"),
    (doubled({"region": ["华北"]}), "没有门店属于「华北」"),
    ([SPEND | {"pending_days": {"default": 1, "vip": 0}}], "pending_days（待到账天数）：没有编号为 vip 的等级"),
    ([SPEND | {"limit": [{"per": "day", "times": 1, "tier": ["vip"]}]}], "没有编号为 vip 的等级"),
    ([WORKOUT | {"award": {"points": 1, "per_fen": 100}}], "per_fen（每多少钱）：事件 workout 不带金额"),
    ([WORKOUT | {"limit": [{"per": "order", "times": 1}]}], "事件 workout 不带订单号"),
    ([WORKOUT | {"when": [{"amount": {"at_least": 1}}]}], "事件 workout 不带金额（amount: none），这个条件永远不会成立"),
    ([WORKOUT | {"when": [{"order_number": {"ever": 1}}]}], "事件 workout 不带订单号"),
    ([WORKOUT | {"when": [{"community": ["run-club"]}]}], "事件 workout 没有属性 community，不知道来自哪个社群"),
    ([WORKOUT | {"limit": [{"per": "ever", "times": 1, "of": "minute"}]}], "of（分别计算）：事件 workout 没有属性 minute"),
    ([WORKOUT | {"when": [{"consent": ["all"]}]}], "只能写 notices、phone 之一"),
    (worked({"minute": {"at_least": 30}}), "事件 workout 没有属性 minute，是不是想写 minutes？"),
    (worked({"kind": {"at_least": 30}}), "只有整数的属性能比大小"),
    (worked({"minutes": {"equals": "long"}}), "这个属性的值是整数"),
    (doubled(WEDNESDAY, THURSDAY), "when（条件） 第 2 项 › weekday（星期几）：和前面的 weekday 永远不会同时成立"),
    (doubled({"amount": {"below": 100}}, {"amount": {"at_least": 100}}), "和前面的 amount 永远不会同时成立"),
    (doubled({"order_number": {"ever": 1}}, {"order_number": {"ever": 2}}), "和前面的 order_number 永远"),
    (
        doubled({"time_of_day": {"from": "22:00", "until": "02:00"}}, {"time_of_day": {"from": "02:00", "until": "22:00"}}),
        "和前面的 time_of_day 永远不会同时成立",
    ),
    (worked({"minutes": {"at_least": 30}}, {"minutes": {"below": 30}}), "和前面的 attribute 永远不会同时成立"),
    (worked({"kind": {"equals": "run"}}, {"kind": {"one_of": ["swim"]}}), "和前面的 attribute 永远不会同时成立"),
    (doubled({"store": ["sh-01"]}, {"region": ["华南"]}), "这些门店不在 region 写的区域里"),
    (
        doubled(WEDNESDAY, **{"from": "2026-12-03T00:00", "until": "2026-12-09T00:00"}),
        "weekday（星期几）：从 from 到 until 没有这一天",
    ),
    (
        doubled({"festival": ["mid_autumn"]}, **{"from": "2026-10-01T00:00", "until": "2026-11-01T00:00"}),
        "festival（节日）：从 from 到 until 没有这个节日",
    ),
    (
        doubled(**{"from": "2026-12-03T00:00", "until": "2026-12-03T00:00"}),
        "until（结束）：要晚于 from 的 2026-12-03T00:00，否则永远不会生效",
    ),
    ([DOUBLE], "multiply（倍数）：没有规则给 purchase 积分，没有什么可以翻倍"),
    ([SPEND, SPEND | {"id": "again"}], "earning（赚积分）「again」 › id（编号）：和 spend 条件相同、时间重叠、给的也一样"),
    ([WORKOUT | {"budget": {"per_day": 4}}], "per_day（每天）：比一次的奖励 5 积分还少，一次也给不出"),
    ([SPEND | {"pending_days": 30, "expiry": {"days": 30}}], "days（有效天数）：积分 30 天后才到账，30 天就失效了"),
    ([SPEND | {"multiply": 2}], "award（奖励）和 multiply（倍数）要写一项，也只能写一项"),
    ([SPEND, DOUBLE | {"pending_days": 3}], "pending_days（待到账天数）：只有写了 award 的规则才写这一项"),
    ([SPEND, DOUBLE | {"multiply": 1.5}], 'multiply（倍数）：小数要加引号，写成 "1.5"'),
    ([SPEND, DOUBLE | {"multiply": 11}], "倍数要大于 1，最大 10"),
    ([SPEND | {"from": "tomorrow"}], "from（开始）：要写日期和时间，如 2026-12-01T00:00，不写时区，现在写的是 tomorrow"),
    ([SPEND | {"from": "2027/3/1"}], "from（开始）：日期和时间要写成 2027-03-01T00:00，现在写的是 2027/3/1"),
    ([SPEND | {"from": "2027年3月1日 9:30"}], "from（开始）：日期和时间要写成 2027-03-01T09:30"),
    ([SPEND | {"from": "2027-03-01T09:30:00"}], "from（开始）：日期和时间要写成 2027-03-01T09:30"),
    ([SPEND | {"from": "2026-02-30T00:00"}], "没有这个日期或时间"),
    ([SPEND | {"pending_days": 91}], "天数要写 0 到 90 的整数"),
    ([SPEND | {"pending_days": {"gold": 1}}], "要写 default：其余等级等几天"),
    ([SPEND | {"growth": {"points": 0}}], "growth（成长值） › points（积分）：不能小于 1"),
    ([SPEND | {"growth": "some"}], "growth（成长值）：只能写 same、none 之一"),
    ([SPEND | {"limit": [{"per": "day"}]}], "times 和 points 至少写一项"),
    ([SPEND | {"when": [{"wekday": ["monday"]}]}], "没有这一项，是不是想写 weekday？"),
]  # fmt: skip


@pytest.mark.parametrize(("earning", "fault"), CASES)
def test_what_cannot_be_meant_is_named_with_its_place(earning: list[dict[str, Any]], fault: str) -> None:
    found = faults(earning)
    assert any(fault in one for one in found), found


def test_events_and_stores_have_ids_of_their_own() -> None:
    assert {one.id for one in rules_with(events=EVENTS, stores=STORES).stores} == {"sh-01", "gz-01"}


def test_rules_that_fit_together_are_taken() -> None:
    fine: list[dict[str, Any]] = [
        SPEND, WORKOUT | {"budget": {"per_day": 5}},
        DOUBLE | {"when": [WEDNESDAY, {"store": ["sh-01"]}, {"region": ["华东"]}]},
        DOUBLE | {"id": "later", "when": [{"segment": ["a"]}, {"segment": ["b"]}]},
        SPEND | {"id": "until", "until": "2026-01-01T00:00", "when": [{"tier": ["gold"]}]},
        SPEND | {"id": "since", "from": "2026-01-01T00:00", "when": [{"tier": ["gold"]}]},
    ]  # fmt: skip
    assert faults(fine) == []


def test_no_factor_is_above_the_cap() -> None:
    """Members read that a rule pays 3 times, so the cap cannot be 2."""
    rule = DOUBLE | {"multiply": 3}
    assert faults([SPEND, rule], stacking={"multipliers": "best", "cap": 3}) == []
    assert faults([SPEND, rule], stacking={"multipliers": "best", "cap": 2}) == [
        "stacking（倍数叠加） › cap（封顶）：规则 double 是 3 倍，会员读到的也是，所以封顶不能比它小"
    ]
