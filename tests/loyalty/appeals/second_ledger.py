"""Appeals in the second ledger: the crowd writes none, so there is none to answer."""

from typing import Final

from loyalty.appeals.commands import AnswerAppeal
from loyalty.appeals.outcomes import NoOpenAppeal
from loyalty.engine.outcomes import Outcome
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _answer(_: Member, __: AnswerAppeal, ___: Scene, ____: Sheet, _____: Prediction) -> Outcome:
    return NoOpenAppeal()


def _ask(now: Situation) -> AnswerAppeal:
    return AnswerAppeal(**now.common, actor="operator", appeal="a1", reason="x", release=True, by="test")


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            AnswerAppeal,
            _answer,
            fact=lambda command, _: ("appeal", command.appeal),
            chosen=lambda command: (command.appeal, command.reason, command.release, command.by),
            explains_repeats=True,
            statuses=("open", "limited", "frozen"),
        ),
    ),
    asks=(AskKind("answer_appeal", AnswerAppeal, _ask, share=1),),
)
