"""Missions, described to the engine."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature, Publication
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept
from loyalty.missions.audit import CHECKS
from loyalty.missions.carry import CARRY
from loyalty.missions.commands import AdvanceMissions
from loyalty.missions.decide import Missions, decide, meters
from loyalty.missions.outcomes import MissionsAdvanced
from loyalty.missions.rows import DONE, MISSIONS_DONE
from loyalty.missions.rule import Mission
from loyalty.missions.words import SENTENCES, rule_texts
from loyalty.programme.declaring.windows import over
from loyalty.tiers.rows import TIER


def _over(missions: Missions, before: Missions | None, since: datetime) -> Iterator[str]:
    return over(_by_id(missions), _by_id(before or {}), since, "任务")


def _by_id(missions: Missions) -> dict[str, Mission]:
    return {mission.id: mission for of_action in missions.values() for mission in of_action}


KEPT: Final = Kept(
    table="mission_done", title="完成的任务", why="发任务的积分，一期只发一次", key=("period", "mission"),
    columns={"day": "日期", "mission": "任务", "period": "哪一期", "in_a_row": "连续几期", "points": "积分", "bonus": "连续多得"},
)  # fmt: skip

FEATURE: Final = Feature(
    "missions",
    handlers=(
        Handler(
            AdvanceMissions,
            decide,
            gives=MissionsAdvanced,
            reads=(DONE, TIER),
            rule_meters=lambda command, missions, day: tuple(meters(command, missions, day)),
        ),
    ),
    rule=lambda rules: rules.missions_by_action,
    outcomes=(MissionsAdvanced,),
    tables=(MISSIONS_DONE,),
    carry=CARRY,
    publication=Publication(over=_over),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)
