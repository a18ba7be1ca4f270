"""Faults of missions that only the rest of the rule set shows: a step that can never happen, a ticket for no wheel."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from loyalty.missions.rule import Mission, Step
from loyalty.programme.declaring.faults import Fault, what_there_is

DAYS: Final = {"day": 1, "week": 7, "month": 31}


class Around(NamedTuple):
    """What there is besides missions: the ids of events and wheels, the draws of all wheels per day, and the rewards."""

    events: Collection[str]
    wheels: Collection[str]
    draws_per_day: int
    has_rewards: bool
    can_cancel: bool


def mission_faults(missions: Sequence[Mission], parts: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults of all missions; `parts` are the other sections of the rule set, by name."""
    wheels, rewards = parts["wheels"], parts["rewards"]
    around = Around(
        events=[event.id for event in parts["events"]],
        wheels=[wheel.id for wheel in wheels],
        draws_per_day=sum(wheel.draws_per_day for wheel in wheels),
        has_rewards=bool(rewards),
        can_cancel=any(reward.cancel_hours for reward in rewards),
    )
    for place, mission in enumerate(missions):
        for fault in _faults(mission, around):
            yield Fault((place, *fault.where), fault.sentence)


def _faults(mission: Mission, around: Around) -> Iterator[Fault]:
    ticket = mission.reward.ticket
    if ticket is not None and ticket not in around.wheels:
        sentence = f"没有编号为 {ticket} 的转盘（wheels）{what_there_is(ticket, around.wheels)}"
        yield Fault(("reward", "ticket"), sentence)
    for place, step in enumerate(mission.steps):
        for key, sentence in _step_faults(mission, step, around):
            yield Fault(("steps", place, key), sentence)


def _step_faults(mission: Mission, step: Step, around: Around) -> Iterator[tuple[str, str]]:
    if step.event is not None and step.event not in around.events:
        known = f"{what_there_is(step.event, around.events)}" if around.events else ""
        yield "event", f"没有编号为 {step.event} 的事件（events），这一步永远做不到{known}"
    if step.draw is not None:
        yield from _draw_faults(mission, step.draw, around)
    if step.redeem is not None and not around.has_rewards:
        yield "redeem", "没有可以兑换的礼品（rewards），这一步永远做不到"
    elif step.redeem is not None and mission.period != "once" and around.can_cancel:
        yield (
            "redeem",
            (
                "有的礼品兑换后可以取消，会员兑换再取消就能每期白拿奖励；"
                "请把任务改成 once，或把礼品的 cancel_hours 都写成 0"
            ),
        )


def _draw_faults(mission: Mission, draws: int, around: Around) -> Iterator[tuple[str, str]]:
    if not around.wheels:
        yield "draw", "没有转盘（wheels），这一步永远做不到"
        return
    most = around.draws_per_day * DAYS.get(mission.period, draws)
    if draws > most:
        yield "draw", f"所有转盘加起来，一期里最多抽 {most:,} 次，到不了 {draws:,} 次"
