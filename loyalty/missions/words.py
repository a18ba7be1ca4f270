"""Missions in Chinese: their entries, and one sentence per mission of what to do and what it brings."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Detail, Sentence, number
from loyalty.missions.rule import Mission, MissionReward, Period, Step
from loyalty.programme.declaring.windows import window_text
from loyalty.tiers.limits import required_text, tier_names

EACH: Final[Mapping[Period, str]] = {
    "once": "每人一次",
    "day": "每天一次",
    "week": "每周一次（周一到周日）",
    "month": "每个自然月一次",
}
UNITS: Final[Mapping[Period, str]] = {"once": "次", "day": "天", "week": "周", "month": "个月"}
VERBS: Final = {"check_in": "签到", "draw": "抽奖", "redeem": "兑换"}


def _bonus_text(facts: Detail) -> str:
    return f"任务「{facts['name']}」已连续完成 {facts['in_a_row']} 期，另送奖励。"


SENTENCES: Final[Mapping[str, Sentence]] = {
    "mission": Sentence(
        lambda facts: f"任务「{facts['name']}」", lambda facts: f"完成任务「{facts['name']}」的奖励。"
    ),
    "mission_bonus": Sentence(lambda facts: f"连续完成「{facts['name']}」", _bonus_text),
}


def rule_texts(rules: Any) -> Iterator[RuleText]:
    """All missions under one title, a sentence each; `rules` is the whole rule set, whose names they use."""
    yield RuleText("missions", "任务", tuple(mission_text(one, rules) for one in rules.missions))


def mission_text(mission: Mission, rules: Any) -> str:
    """The mission with its name: `新手任务：……`."""
    return f"{mission.name}：{mission_rule(mission, rules)}"


def mission_rule(mission: Mission, rules: Any) -> str:
    """For whom it is, what to do, what it brings, how often, and until when."""
    events = {event.id: event.name for event in rules.events}
    wheels = {wheel.id: wheel.name for wheel in rules.wheels}
    steps = "、".join(f"{step_name(step, events)} {number(step.of)} 次" for step in mission.steps)
    limited = f"{required_text(tier_names(rules.ladder, mission.tiers))}，" if mission.tiers else ""
    told = [
        f"{limited}{steps}，{_needed(mission)}得{reward_text(mission.reward, wheels)}，{EACH[mission.period]}。"
    ]
    if mission.in_a_row is not None:
        row = mission.in_a_row
        told.append(
            f"连续 {row.periods} {UNITS[mission.period]}都完成，另得 {number(row.bonus)} 积分，之后重新数。"
        )
    if any(one.order != "none" for one in rules.events if one.id in {step.event for step in mission.steps}):
        told.append("全额退款的订单不算；已经得到的奖励不收回。")
    if window := window_text(mission):
        told.append(f"时间：{window}。")
    return "".join(told)


def step_name(step: Step, events: Mapping[str, str]) -> str:
    """The action in Chinese: 签到, or the name of the event."""
    return VERBS.get(step.action) or events.get(step.event or "", step.event or "")


def reward_text(reward: MissionReward, wheels: Mapping[str, str]) -> str:
    """` 50 积分和 1 次「幸运大转盘」免费抽奖`."""
    told = []
    if reward.points:
        told.append(f" {number(reward.points)} 积分")
    if reward.ticket is not None:
        told.append(f" 1 次「{wheels.get(reward.ticket, reward.ticket)}」免费抽奖")
    return "和".join(told)


def _needed(mission: Mission) -> str:
    if len(mission.steps) == 1:
        return "做到就"
    if mission.needed == len(mission.steps):
        return "都做到就"
    return f"做到其中 {mission.needed} 项就"
