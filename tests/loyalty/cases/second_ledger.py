"""Cases in the second ledger: the crowd's programmes watch nobody's spending, so there is none to decide."""

from typing import Final

from loyalty.adjustments.outcomes import AccountThawed
from loyalty.appeals.outcomes import AppealAnswered
from loyalty.cases.commands import DecideCase
from loyalty.cases.outcomes import CaseDecided, NoOpenCase
from loyalty.engine.outcomes import Outcome
from loyalty.reactions import DEBITS
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _decide(_: Member, __: DecideCase, ___: Scene, ____: Sheet, _____: Prediction) -> Outcome:
    return NoOpenCase()


def _ask(now: Situation) -> DecideCase:
    return DecideCase(**now.common, actor="operator", case=1, reason="x", release=True, by="test")


def _nothing(_: Member, made: Prediction) -> None:
    assert made.scene is not None
    assert made.scene.version.rules.risk is None


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            DecideCase,
            _decide,
            fact=lambda command, _: ("case_decided", str(command.case)),
            chosen=lambda command: (command.case, command.reason, command.release, command.by),
            explains_repeats=True,
            statuses=("open", "limited", "frozen"),
        ),
    ),
    asks=(AskKind("decide_case", DecideCase, _ask, share=1),),
    reactions=tuple((result, _nothing) for result in (*DEBITS, CaseDecided, AppealAnswered, AccountThawed)),
)
