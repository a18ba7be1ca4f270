"""Missions, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature, Handler
from loyalty.missions.audit import CHECKS
from loyalty.missions.carry import CARRY
from loyalty.missions.commands import AdvanceMissions
from loyalty.missions.decide import decide, meters
from loyalty.missions.outcomes import MissionsAdvanced
from loyalty.missions.rows import DONE, MISSIONS_DONE
from loyalty.missions.words import SENTENCES, rule_texts

FEATURE: Final = Feature(
    "missions",
    handlers=(
        Handler(
            AdvanceMissions,
            decide,
            gives=MissionsAdvanced,
            reads=(DONE,),
            rule_meters=lambda command, missions, day: tuple(meters(command, missions, day)),
        ),
    ),
    rule=lambda rules: rules.missions_by_action,
    outcomes=(MissionsAdvanced,),
    tables=(MISSIONS_DONE,),
    carry=CARRY,
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules),
    schema=Path(__file__).with_name("schema.yaml"),
)
