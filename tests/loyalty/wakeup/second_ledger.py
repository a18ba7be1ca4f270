"""Waking the silent, in the second ledger."""

from datetime import timedelta
from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.wakeup import WakeUp, WokenUp
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _wake(member: Member, command: WakeUp, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    silence = scene.today - member.seen_on
    if (
        member.seen_on != command.silent_since
        or silence.days < scene.version.rules.notices.wake_up.silent_days
    ):
        return NothingDue()
    made.tells.append(("wake_up", str(member.seen_on)))
    return WokenUp(member.seen_on, sheet.spendable)


def _ask(now: Situation) -> WakeUp:
    seen_on = now.member.seen_on
    since = now.dice.choice((seen_on, seen_on, now.today - timedelta(days=30)))
    return WakeUp(**now.job, request_key=f"job:wake_up|{since}", silent_since=since)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            WakeUp,
            _wake,
            fact=lambda command, day: ("wake_up", str(command.silent_since)),
            chosen=lambda command: (command.silent_since,),
        ),
    ),
    asks=(AskKind("wake", WakeUp, _ask, share=1),),
)
