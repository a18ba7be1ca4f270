"""Accounts brought back from the future, in the second ledger: its clock never ran ahead, so there is nothing to bring back."""

from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.settling import SettleClock
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _settle(_: Member, __: SettleClock, ___: Scene, ____: Sheet, _____: Prediction) -> Outcome:
    return NothingDue()


def _ask(now: Situation) -> SettleClock:
    return SettleClock(**now.common, reason="the clock ran ahead")


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            SettleClock,
            _settle,
            fact=lambda command, _: ("settle_clock", command.request_key),
            chosen=lambda command: (command.reason,),
            statuses=("open", "limited", "frozen"),
        ),
    ),
    asks=(AskKind("settle_clock", SettleClock, _ask, share=1),),
)
