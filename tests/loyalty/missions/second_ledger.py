"""Missions in the second ledger: every action is kept with its day, and progress is counted from them anew each time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.missions.commands import AdvanceMissions
from loyalty.missions.outcomes import MissionDone, MissionsAdvanced
from loyalty.missions.rule import Mission, Step
from tests.loyalty.tiers.second_ledger import tier_at
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import SHANGHAI, Member, Sheet


@dataclass
class Missions:
    """What counted for each mission, as (mission, period, action, times), and the finished ones with their places in the row."""

    counted: list[tuple[str, str, str, int]] = field(default_factory=list)
    done: dict[tuple[str, str], tuple[date, int, int, int]] = field(default_factory=dict)
    tickets: dict[str, int] = field(default_factory=dict)


def named(mission: Mission, day: date) -> str:
    """The period of a day by its name."""
    if mission.period == "week":
        return day.strftime("%G-W%V")
    return {"once": "", "day": str(day), "month": str(day)[:7]}[mission.period]


def _yesterday(mission: Mission, day: date) -> str | None:
    if mission.period == "once":
        return None
    now = named(mission, day)
    while named(mission, day) == now:
        day -= timedelta(days=1)
    return named(mission, day)


def wants(step: Step) -> tuple[str, int]:
    """The action of a step, and how often it is wanted."""
    for action in ("check_in", "draw", "redeem"):
        if times := getattr(step, action):
            return action, times
    return f"event:{step.event}", step.times or 1


def _open(mission: Mission, member: Member, scene: Scene, command: AdvanceMissions) -> bool:
    if command.times < 0:
        return True
    local, tier = (scene.at + SHANGHAI).replace(tzinfo=None), tier_at(member, scene.at)
    began = mission.from_ is None or mission.from_ <= local
    return began and (mission.until is None or local < mission.until) and tier in (mission.tiers or {tier})


def _advance(
    member: Member, command: AdvanceMissions, scene: Scene, sheet: Sheet, made: Prediction
) -> Outcome:
    known, day = member.of(Missions), date.fromisoformat(command.on)
    counted: list[tuple[str, str, str, int]] = []
    finished: dict[tuple[str, str], tuple[date, int, int, int]] = {}
    told: list[MissionDone] = []
    tickets: list[str] = []
    for mission in scene.version.rules.missions:
        period, wanted = named(mission, day), dict(map(wants, mission.steps))
        if (
            command.action not in wanted
            or (mission.id, period) in known.done
            or not _open(mission, member, scene, command)
        ):
            continue
        times = max(command.times, -_total(known.counted, mission, period, command.action))
        if not times:
            continue
        counted.append((mission.id, period, command.action, times))
        taken = [_total([*known.counted, counted[-1]], mission, period, action) for action in wanted]
        if times < 0 or sum(map(int.__ge__, taken, wanted.values())) < mission.needed:
            continue
        before = _yesterday(mission, day)
        place = 1 + (known.done[mission.id, before][1] if (mission.id, before) in known.done else 0)  # type: ignore[index]
        row, bonus = mission.in_a_row, 0
        if row is not None and place % row.periods == 0:
            bonus = row.bonus
        if mission.reward.points:
            sheet.grant(mission.reward.points, "mission", scene.lapse_day)
        if bonus:
            sheet.grant(bonus, "mission_bonus", scene.lapse_day)
        points = mission.reward.points + bonus
        finished[mission.id, period] = (day, place, points, bonus)
        told.append(
            MissionDone(mission.id, mission.name, period, points, bonus, place, mission.reward.ticket)
        )
        tickets += [mission.reward.ticket] if mission.reward.ticket else []
    if not counted:
        return NothingDue()

    def keep(one: Member) -> None:
        kept = one.of(Missions)
        kept.counted += counted
        kept.done |= finished
        for wheel in tickets:
            kept.tickets[wheel] = kept.tickets.get(wheel, 0) + 1

    made.learn.append(keep)
    return MissionsAdvanced(command.action, command.times, tuple(told), sheet.spendable)


def _total(counted: Iterable[tuple[str, str, str, int]], mission: Mission, period: str, action: str) -> int:
    return sum(times for *what, times in counted if what == [mission.id, period, action])


def _ask(now: Situation) -> AdvanceMissions:
    """An action of which no receipt tells; now and then the same one twice."""
    return AdvanceMissions(
        **now.common, action=now.dice.choice(("check_in", "draw", "redeem", "event:purchase")),
        times=now.dice.choice((1, 1, 1, -1)),
        on=str(now.today - timedelta(days=now.dice.choice((0, 0, 1, 3)))), source=10**9 + now.dice.randrange(40),
    )  # fmt: skip


def _rows(member: Member) -> Iterable[tuple[Any, ...]]:
    return ((period, mission, *row) for (mission, period), row in member.of(Missions).done.items())


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            AdvanceMissions,
            _advance,
            fact=lambda command, _: ("missions", str(command.source)),
            chosen=lambda command: (command.action, command.times, command.on, command.source),
            may_find_nothing=True,
        ),
    ),
    asks=(AskKind("missions", AdvanceMissions, _ask, share=2),),
    rows=(
        Rows(
            "finished missions",
            "SELECT member_id, period, mission, day, in_a_row, points, bonus FROM mission_done",
            _rows,
        ),
    ),
)
