"""任务: the missions that are open now, how far the member is, and what a message has just finished."""

from collections.abc import Iterable
from typing import Final

from bot.answers import Answer, points_left
from bot.chat import Chat
from bot.lists import listed
from bot.tier import risen_text
from loyalty.engine.outcomes import Outcome
from loyalty.ledger.words import number
from loyalty.missions.outcomes import MissionDone, finished
from loyalty.missions.views import InARowView, MissionView, missions

NO_MISSIONS: Final = "现在没有任务。\n发「签到」领今天的积分，发「规则」看怎么得积分。"
EACH: Final = {"once": "每人一次", "day": "今天", "week": "本周", "month": "本月"}
UNITS: Final = {"day": "天", "week": "周", "month": "个月"}


async def show_missions(chat: Chat) -> Answer:
    """Every open mission with its progress."""
    found = await missions(chat.resources.pool, chat.member_id, chat.live, chat.now)
    return Answer(missions_text(found))


def missions_text(found: list[MissionView]) -> str:
    """The missions one under the other, as far as one message carries."""
    if not found:
        return NO_MISSIONS
    items = [_mission(one) for one in found]
    return listed("你的任务：", items, lambda count: f"……还有 {count} 个，发「规则」看全部。").text


def _mission(mission: MissionView) -> str:
    head = f"{'✓' if mission.state == 'done' else '·'} {mission.name}（{EACH[mission.period]}）"
    if mission.state == "done":
        return f"{head}已完成{_row(mission)}"
    steps = "，".join(f"{step.name} {step.done}/{step.of}" for step in mission.steps)
    reason = f"，{mission.reason}" if mission.reason else ""
    return f"{head}{_reward(mission)}{_row(mission)}{reason}\n  {_needed(mission)}{steps}"


def _needed(mission: MissionView) -> str:
    return f"做到 {mission.need} 项即可：" if mission.need < len(mission.steps) else ""


def _reward(mission: MissionView) -> str:
    points = f" +{number(mission.reward.points)} 分" if mission.reward.points else ""
    return f"{points}{' 送 1 次抽奖' if mission.reward.ticket else ''}"


def _row(mission: MissionView) -> str:
    row: InARowView | None = mission.in_a_row
    if row is None:
        return ""
    return f"，连续 {row.done}/{row.periods} {UNITS[mission.period]}，满了另送 {number(row.bonus)} 分"


def finished_text(consequences: Iterable[Outcome]) -> str:
    """A line per mission that a command has finished, and the balance then; a line for a tier that it reached; else empty.

    It is put after the reply to the command and begins with a line break.
    """
    followed = tuple(consequences)
    advanced = finished(followed)
    lines = [_finished(done) for one in advanced for done in one.done]
    told = "".join(f"\n{line}" for line in lines) + (points_left(advanced[-1].balance) if lines else "")
    return f"{told}{risen_text(followed)}"


def _finished(done: MissionDone) -> str:
    brought = [f"+{number(done.points)} 分"] if done.points else []
    brought += ["得 1 次免费抽奖"] if done.ticket else []
    bonus = f"（含连续完成奖励 {number(done.bonus)} 分）" if done.bonus else ""
    return f"任务「{done.name}」完成，{'，'.join(brought)}{bonus}。"
