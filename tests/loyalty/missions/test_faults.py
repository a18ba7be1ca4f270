"""Missions that can never be finished, or that mean nothing, are named with their line and in Chinese."""

from typing import Any

import pytest
import yaml

from loyalty.missions.periods import period_before, period_of, periods_around
from loyalty.programme.files.checking import check, where_text
from loyalty.programme.files.document import read_document
from loyalty.programme.files.writing import written
from loyalty.programme.publishing.draft import Misleading
from tests.ledger import START, Ledger, rules_with

STEP = {"check_in": 3}
MISSION: dict[str, Any] = {"id": "m", "name": "任务", "steps": [STEP], "reward": {"points": 5}}
CASES: list[tuple[dict[str, Any], str]] = [
    ({"steps": [{"event": "purchse"}]}, "没有编号为 purchse 的事件（events），这一步永远做不到，是不是想写 purchase？"),
    ({"reward": {"ticket": "luckey"}}, "没有编号为 luckey 的转盘（wheels），是不是想写 lucky？"),
    ({"tiers": ["glod"]}, "没有编号为 glod 的等级，是不是想写 gold"),
    ({"need": 2}, "只有 1 步，不能要求完成 2 步"),
    ({"period": "day"}, "一天最多签到 1 次，到不了 3 次"),
    ({"period": "week", "steps": [{"check_in": 8}]}, "一周最多签到 7 次，到不了 8 次"),
    ({"period": "day", "steps": [{"draw": 21}]}, "所有转盘加起来，一期里最多抽 20 次，到不了 21 次"),
    ({"period": "week", "steps": [{"redeem": 1}]}, "会员兑换再取消就能每期白拿奖励"),
    ({"steps": [STEP, {"check_in": 1}]}, "和前面的一步是同一种行为，请合成一步"),
    ({"steps": [{"check_in": 1, "draw": 1}]}, "每一步要写 event、check_in、draw、redeem 中的一种"),
    ({"steps": [{"check_in": 1, "times": 2}]}, "只和 event 一起写"),
    ({"steps": []}, "至少写 1 项，现在有 0 项"),
    ({"reward": {}}, "完成任务要有奖励"),
    ({"in_a_row": {"periods": 2, "bonus": 5}}, "每人一次（once）的任务没有连续完成"),
    ({"from": "2026-04-01T00:00", "until": "2026-04-01T00:00"}, "要晚于 from 的 2026-04-01T00:00"),
    ({"until": "2026-04-01"}, "日期和时间要写成 2026-04-01T00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "fault"), CASES)
def test_a_fault_has_its_line_and_its_sentence(part: dict[str, Any], fault: str) -> None:
    events = [{"id": "purchase", "name": "消费", "amount": "required", "order": "required"}]
    text = written(rules_with(events=events))
    lines = len(text.splitlines())
    text += yaml.safe_dump({"missions": [MISSION | part]}, allow_unicode=True, sort_keys=False)
    document = read_document(text)
    rules, found = check(document)
    assert rules is None
    assert any(fault in one.sentence and one.line > lines for one in found), found
    assert all("missions（任务）「m」" in where_text(document, one.where) for one in found)


def test_without_wheels_and_rewards_some_steps_cannot_be_taken() -> None:
    for step, told in (("draw", "没有转盘（wheels）"), ("redeem", "没有可以兑换的礼品（rewards）")):
        with pytest.raises(ValueError, match=told):
            rules_with(wheels=[], rewards=[], missions=[MISSION | {"steps": [{step: 1}]}])


async def test_what_is_over_before_it_begins_is_not_published(ledger: Ledger) -> None:
    """A mission that was in force before may stay in the file; a new or changed one may not."""
    ended = MISSION | {"until": "2026-03-03T00:00"}
    await ledger.publish(rules_with(missions=[ended]))
    ledger.clock.advance(3 * 86_400)
    await ledger.publish(rules_with(missions=[ended], welcome={"points": 7}))
    options = [{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}]
    poll = {"id": "p", "title": "问题", "options": options, "until": "2026-03-03T00:00"}
    for parts, told in (
        ({"missions": [ended | {"name": "别的"}]}, "任务「别的」（m）到 2026年3月3日 00:00 就结束了"),
        ({"missions": [ended], "polls": [poll]}, "投票「问题」（p）到 2026年3月3日 00:00 就结束了"),
    ):
        with pytest.raises(Misleading, match=told):
            await ledger.publish(rules_with(**parts))


def test_periods() -> None:
    day = START.date()
    assert [period_of(kind, day) for kind in ("once", "day", "week", "month")] == [
        "",
        "2026-03-02",
        "2026-W10",
        "2026-03",
    ]
    assert [period_before(kind, day) for kind in ("once", "day", "week", "month")] == [
        "",
        "2026-03-01",
        "2026-W09",
        "2026-02",
    ]
    assert len(periods_around(day)) == 7
    assert period_of("week", day.replace(year=2027, month=1, day=1)) == "2026-W53"
