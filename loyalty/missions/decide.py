"""Missions: an action counts for the steps that it belongs to; a member who has taken enough of them gets the period's reward."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey
from loyalty.missions.commands import AdvanceMissions
from loyalty.missions.outcomes import MissionDone, MissionsAdvanced
from loyalty.missions.periods import period_before, period_of
from loyalty.missions.rows import DONE, MISSIONS_DONE, DoneRow, progress_of
from loyalty.missions.rule import Mission, Step
from loyalty.programme.tickets import tickets_of
from loyalty.tiers.limits import tier_refusal

Missions = Mapping[str, Sequence[Mission]]
"""The missions of the rules by the actions that count for them."""


def meters(command: AdvanceMissions, missions: Missions, _: date) -> Iterator[MeterKey]:
    """The progress of every step of the missions that the action counts for, and the tickets that these may bring."""
    for mission in missions.get(command.action, ()):
        for step in mission.steps:
            yield progress_of(mission, step, command.done_on)
        if mission.reward.ticket is not None:
            yield tickets_of(mission.reward.ticket)


def decide(wallet: Wallet, command: AdvanceMissions, scene: Scene[Missions]) -> Outcome:
    """Count the action for the missions that are open and not yet finished in its period, and finish those that are complete."""
    possible = [one for one in scene.rule.get(command.action, ()) if _counts(one, wallet, command, scene)]
    counted = [one for one in possible if _count(wallet, command, one)]
    if not counted:
        return NothingDue()
    complete = [one for one in counted if command.times > 0 and _is_complete(wallet, one, command.done_on)]
    done = tuple(_finish(wallet, one, command.done_on, scene) for one in complete)
    return MissionsAdvanced(command.action, command.times, done, wallet.available)


def _counts(mission: Mission, wallet: Wallet, command: AdvanceMissions, scene: Scene[Missions]) -> bool:
    """Whether the mission can still be finished in the period.

    What was undone counts less also after the mission's window, and for a member who has another tier by then.
    """
    counts = command.times < 0 or _is_for(mission, wallet, scene)
    return counts and (mission.id, period_of(mission.period, command.done_on)) not in scene.recall(DONE)


def _is_for(mission: Mission, wallet: Wallet, scene: Scene[Missions]) -> bool:
    """Whether the mission is open at the instant of the action, to the tier that the member has then."""
    if not mission.holds_at(scene.live.wall_time(scene.at)):
        return False
    return tier_refusal(wallet, scene, mission.tiers) is None


def _count(wallet: Wallet, command: AdvanceMissions, mission: Mission) -> bool:
    """Whether the progress changes: what was done before the mission was in the rules has not been counted, and is not undone."""
    step = next(one for one in mission.steps if one.action == command.action)
    key = progress_of(mission, step, command.done_on)
    change = max(command.times, -wallet.meter(key))
    if change:
        wallet.count(key, change)
    return change != 0


def _is_complete(wallet: Wallet, mission: Mission, on: date) -> bool:
    taken = sum(_progress(wallet, mission, step, on) >= step.of for step in mission.steps)
    return taken >= mission.needed


def _progress(wallet: Wallet, mission: Mission, step: Step, on: date) -> int:
    key = progress_of(mission, step, on)
    return wallet.meter(key) + wallet.writes.meters.get(key, 0)


def _finish(wallet: Wallet, mission: Mission, on: date, scene: Scene[Missions]) -> MissionDone:
    period, before = period_of(mission.period, on), period_before(mission.period, on)
    in_a_row = 1 + (scene.recall(DONE).get((mission.id, before), 0) if before else 0)
    row = mission.in_a_row
    bonus = row.bonus if row is not None and in_a_row % row.periods == 0 else 0
    detail = {"mission": mission.id, "name": mission.name, "period": period, "in_a_row": in_a_row}
    if mission.reward.points:
        wallet.grant(mission.reward.points, "mission", detail, scene.lapse_day)
    if bonus:
        wallet.grant(bonus, "mission_bonus", detail, scene.lapse_day)
    if mission.reward.ticket is not None:
        wallet.count(tickets_of(mission.reward.ticket))
    points = mission.reward.points + bonus
    wallet.writes.add(MISSIONS_DONE, DoneRow(period, mission.id, on, in_a_row, points, bonus))
    return MissionDone(mission.id, mission.name, period, points, bonus, in_a_row, mission.reward.ticket)
