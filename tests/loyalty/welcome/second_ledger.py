"""The new member's gift in the second ledger."""

from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.welcome import Welcome, Welcomed
from tests.loyalty.missions.second_ledger import Missions
from tests.simulation.feature import AskKind, Expected, FeatureLedger
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _welcome(member: Member, command: Welcome, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule = scene.version.rules.welcome
    points, ticket = rule.points, rule.ticket
    if points == 0 and ticket is None:
        return NothingDue()
    if points:
        sheet.grant(points, "welcome", scene.lapse_day)

    def keep(one: Member) -> None:
        if ticket is not None:
            held = one.of(Missions).tickets
            held[ticket] = held.get(ticket, 0) + 1

    made.learn.append(keep)
    return Welcomed(points, sheet.spendable, ticket)


LEDGER: Final = FeatureLedger(
    commands=(Expected(Welcome, _welcome, fact=lambda command, day: ("welcome", "gift")),),
    asks=(AskKind("welcome", Welcome, lambda now: Welcome(**now.common), share=1),),
)
