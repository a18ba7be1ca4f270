"""The new member's gift in the second ledger."""

from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.welcome import Welcome, Welcomed
from tests.simulation.feature import AskKind, Expected, FeatureLedger
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _welcome(member: Member, command: Welcome, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    points = scene.version.rules.welcome.points
    if points == 0:
        return NothingDue()
    sheet.grant(points, "welcome", scene.lapse_day)
    return Welcomed(points, sheet.spendable)


LEDGER: Final = FeatureLedger(
    commands=(Expected(Welcome, _welcome, fact=lambda command, day: ("welcome", "gift")),),
    asks=(AskKind("welcome", Welcome, lambda now: Welcome(**now.common), share=1),),
)
