"""Telling members of worse rules, in the second ledger."""

from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.rule_change import AnnounceRules, RulesAnnounced
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _announce(_: Member, command: AnnounceRules, __: Scene, ___: Sheet, made: Prediction) -> Outcome:
    made.tells.append(("rule_change", str(command.version)))
    return RulesAnnounced(command.version)


def _ask(now: Situation) -> AnnounceRules:
    version = now.dice.choice(now.world.standing)
    return AnnounceRules(
        **now.job, request_key=f"job:rule_change|{version.number}", version=version.number, effective_from=version.since
    )  # fmt: skip


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            AnnounceRules,
            _announce,
            fact=lambda command, day: ("rule_change", str(command.version)),
            chosen=lambda command: (command.version, command.effective_from),
        ),
    ),
    asks=(AskKind("announce", AnnounceRules, _ask, share=1),),
)
