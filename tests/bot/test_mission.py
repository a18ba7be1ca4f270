"""任务 in the chat, and the line that a finished mission adds to the reply of what finished it."""

from typing import Any

import pytest

from bot.mission import NO_MISSIONS, finished_text, missions_text
from loyalty.missions.outcomes import MissionDone, MissionsAdvanced
from loyalty.missions.views import InARowView, MissionRewardView, MissionView, StepView
from loyalty.missions.words import mission_text
from tests.bot.line import Line
from tests.house import House
from tests.ledger import DAY_S, rules_with

STEPS = [StepView("check_in", "签到", 1, 3), StepView("draw", "抽奖", 0, 2)]
VIEW: dict[str, Any] = {
    "id": "newcomer", "name": "新手任务", "rule": "", "period": "once", "need": 1, "steps": STEPS, "state": "open",
    "reward": MissionRewardView(50, None), "in_a_row": None, "reason": None,
}  # fmt: skip
NEWCOMER: dict[str, Any] = {
    "id": "newcomer", "name": "新手任务", "reward": {"points": 50}, "steps": [{"check_in": 1}, {"draw": 1}],
}  # fmt: skip
WEEKLY: dict[str, Any] = {
    "id": "weekly", "name": "每周一签", "period": "week", "reward": {"points": 5, "ticket": "lucky"},
    "steps": [{"check_in": 2}, {"redeem": 1}], "need": 1, "in_a_row": {"periods": 2, "bonus": 30}, "from": "2026-03-01T08:00",
}  # fmt: skip


@pytest.mark.parametrize(
    ("view", "text"),
    [
        ({}, "· 新手任务（每人一次） +50 分\n  做到 1 项即可：签到 1/3，抽奖 0/2"),
        ({"need": 2}, "· 新手任务（每人一次） +50 分\n  签到 1/3，抽奖 0/2"),
        (
            {"need": 2, "reason": "需要金卡会员"},
            "· 新手任务（每人一次） +50 分，需要金卡会员\n  签到 1/3，抽奖 0/2",
        ),
        ({"state": "done"}, "✓ 新手任务（每人一次）已完成"),
        (
            {"period": "week", "reward": MissionRewardView(0, "lucky"), "in_a_row": InARowView(3, 1, 100)},
            "· 新手任务（本周） 送 1 次抽奖，连续 1/3 周，满了另送 100 分\n  做到 1 项即可：签到 1/3，抽奖 0/2",
        ),
    ],
)
def test_a_mission_in_the_list(view: dict[str, Any], text: str) -> None:
    assert missions_text([MissionView(**(VIEW | view))]) == f"你的任务：\n{text}"


def test_what_was_finished() -> None:
    done = (
        MissionDone("a", "新手任务", "", 150, 100, 3, "lucky"),
        MissionDone("b", "试试", "", 0, 0, 1, "lucky"),
    )
    told = [MissionsAdvanced("draw", 1, (), 7), MissionsAdvanced("check_in", 1, done, 1_234)]
    assert finished_text(told) == (
        "\n任务「新手任务」完成，+150 分，得 1 次免费抽奖（含连续完成奖励 100 分）。"
        "\n任务「试试」完成，得 1 次免费抽奖。当前积分 1,234。"
    )
    assert not finished_text(told[:1])


@pytest.mark.parametrize(
    ("mission", "text"),
    [
        (NEWCOMER, "新手任务：签到 1 次、抽奖 1 次，都做到就得 50 积分，每人一次。"),
        (
            NEWCOMER | {"tiers": ["gold", "diamond"]},
            "新手任务：需要金卡会员或钻石会员，签到 1 次、抽奖 1 次，都做到就得 50 积分，每人一次。",
        ),
        (
            WEEKLY,
            (
                "每周一签：签到 2 次、兑换 1 次，做到其中 1 项就得 5 积分和 1 次「幸运大转盘」免费抽奖，每周一次（周一到周日）。"
                "连续 2 周都完成，另得 30 积分，之后重新数。时间：2026年3月1日 08:00起。"
            ),
        ),
    ],
)
def test_the_rule_in_one_sentence(mission: dict[str, Any], text: str) -> None:
    rewards = [{"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 9, "cancel_hours": 0}]
    rules = rules_with(missions=[mission], rewards=rewards)
    assert mission_text(rules.missions[0], rules) == text


async def test_missions_in_the_chat(house: House, line: Line) -> None:
    phone = await house.follower()
    assert await line.say(phone, "任务") == NO_MISSIONS
    await house.ledger.publish(rules_with(missions=[NEWCOMER]))
    assert "签到 0/1，抽奖 0/1" in await line.say(phone, "我的任务")
    assert "任务" not in await line.say(phone, "签到")
    assert "签到 1/1，抽奖 0/1" in await line.say(phone, "任务")
    message = line.text(phone, "抽奖")
    replies = [await line.push(message) for _ in range(2)]
    assert all(reply and "任务「新手任务」完成，+50 分。当前积分 " in reply.content for reply in replies)
    assert "✓ 新手任务（每人一次）已完成" in await line.say(phone, "任务")
    house.clock.advance(DAY_S)
    assert "完成" not in await line.say(phone, "签到")
    assert "签到 1 次、抽奖 1 次，都做到就得 50 积分" in await line.say(phone, "规则")
    assert "任务「新手任务」" in await line.say(phone, "明细")
