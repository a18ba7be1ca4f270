"""The missions as a member sees them: every one that is open now, with the progress of its steps."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from loyalty.ledger.writes import MeterKey
from loyalty.missions.periods import period_before, period_of
from loyalty.missions.rows import progress_of
from loyalty.missions.rule import Mission, Step
from loyalty.missions.words import mission_rule, step_name
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.rules import RuleSet
from loyalty.tiers.limits import required_text, tier_names
from loyalty.tiers.views import tier_now

SELECT_PROGRESS = """
SELECT m.name, m.period, m.value FROM unnest($2::text[], $3::text[]) AS u(name, period)
JOIN meter m ON m.member_id = $1 AND m.name = u.name AND m.period = u.period
"""
SELECT_DONE = """
SELECT mission, period, in_a_row FROM mission_done WHERE member_id = $1 AND period = ANY($2::text[])
"""


@dataclass(frozen=True)
class StepView:
    """A step: `done` of the `of` times that it is needed, never more."""

    id: str
    name: str
    done: int
    of: int


@dataclass(frozen=True)
class MissionRewardView:
    """What the mission brings each time: points, and the wheel of a free draw, if any."""

    points: int
    ticket: str | None


@dataclass(frozen=True)
class InARowView:
    """`done` periods in a row are finished by now; after `periods` there is a `bonus`, and the count begins anew."""

    periods: int
    done: int
    bonus: int


@dataclass(frozen=True)
class MissionView:
    """A mission: `need` of its steps finish it, once per `period`. `state` is `done` if it is finished for now, else `open`.

    `reason` says why nothing that the member does counts for it, None if it counts.
    """

    id: str
    name: str
    rule: str
    period: str
    need: int
    steps: list[StepView]
    state: str
    reward: MissionRewardView
    in_a_row: InARowView | None
    reason: str | None


async def missions(
    database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime
) -> list[MissionView]:
    """The missions whose window holds `now`, in the order of the rules, with as many statements for any number of them."""
    moment, day = live.wall_time(now), live.day(now)
    shown = [one for one in live.rules.missions if one.holds_at(moment)]
    if not shown:
        return []
    keys = [progress_of(one, step, day) for one in shown for step in one.steps]
    rows = await database.fetch(
        SELECT_PROGRESS, member_id, [key.name for key in keys], [key.period for key in keys]
    )
    progress = {MeterKey(row["name"], row["period"]): row["value"] for row in rows}
    periods = {of(one.period, day) for one in shown for of in (period_of, period_before)}
    rows = await database.fetch(SELECT_DONE, member_id, sorted(periods))
    done = {(row["mission"], row["period"]): row["in_a_row"] for row in rows}
    tier = (await tier_now(member_id, live)).id if any(one.tiers for one in shown) else ""
    return [_mission(one, live.rules, day, progress, done, tier) for one in shown]


def _mission(
    mission: Mission,
    rules: RuleSet,
    day: date,
    progress: dict[MeterKey, int],
    done: dict[tuple[str, str], int],
    tier: str,
) -> MissionView:
    is_done = (mission.id, period_of(mission.period, day)) in done
    return MissionView(
        id=mission.id,
        name=mission.name,
        rule=mission_rule(mission, rules),
        period=mission.period,
        need=mission.needed,
        steps=[
            _step(step, rules, progress.get(progress_of(mission, step, day), 0)) for step in mission.steps
        ],
        state="done" if is_done else "open",
        reward=MissionRewardView(mission.reward.points, mission.reward.ticket),
        in_a_row=_in_a_row(mission, day, done),
        reason=required_text(tier_names(rules.ladder, mission.tiers))
        if mission.tiers and tier not in mission.tiers
        else None,
    )


def _step(step: Step, rules: RuleSet, done: int) -> StepView:
    events = {event.id: event.name for event in rules.events}
    return StepView(step.action, step_name(step, events), min(done, step.of), step.of)


def _in_a_row(mission: Mission, day: date, done: dict[tuple[str, str], int]) -> InARowView | None:
    row = mission.in_a_row
    if row is None:
        return None
    last = done.get(
        (mission.id, period_of(mission.period, day)),
        done.get((mission.id, period_before(mission.period, day)), 0),
    )
    return InARowView(row.periods, (last - 1) % row.periods + 1 if last else 0, row.bonus)
