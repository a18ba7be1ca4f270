"""The repair card, described to the engine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from loyalty.checkin.cap import cap_meters
from loyalty.checkin.repair.audit import CHECKS
from loyalty.checkin.repair.carry import CARRY
from loyalty.checkin.repair.commands import GiveRepairCards, RepairCheckIn
from loyalty.checkin.repair.decide import decide_give, decide_repair
from loyalty.checkin.repair.outcomes import (
    CheckInRepaired,
    NoRepairCard,
    NotRepairable,
    RepairCardsGiven,
    RepairLimitReached,
    RepairsOff,
)
from loyalty.checkin.repair.rows import CARDS, RECENT, repairs_in
from loyalty.checkin.repair.rule import RepairRule
from loyalty.checkin.repair.words import SENTENCES, rule_texts
from loyalty.checkin.rows import REPAIRS
from loyalty.checkin.rule import CheckInRule
from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept
from loyalty.engine.reads import SharedRows
from loyalty.ledger.writes import MeterKey
from loyalty.shown.rows import LAST_SHOWN


def _meters(_: RepairCheckIn, day: date) -> Sequence[MeterKey]:
    return CARDS, repairs_in(day)


def _suppose(
    command: RepairCheckIn, rule: tuple[CheckInRule, RepairRule | None], shared: SharedRows
) -> tuple[RepairCheckIn, SharedRows]:
    """The member is supposed to have agreed to the price, whatever it is."""
    price = rule[1].price_points if rule[1] else None
    return replace(command, as_shown=False, price_points=price), shared


KEPT: Final = Kept(
    table="check_in_repair", title="补签", why="计算连续签到的天数，每个月最多补签几次", key=("day",),
    columns={"day": "补签的日期", "price_points": "花的积分", "through": "一直接上到"},
)  # fmt: skip

FEATURE: Final = Feature(
    "repair",
    handlers=(
        Handler(
            RepairCheckIn,
            decide_repair,
            gives=CheckInRepaired,
            reads=(RECENT, LAST_SHOWN),
            meters=_meters,
            rule_meters=lambda _, rules, day: cap_meters(rules[0], day),
            suppose=_suppose,
            explains_repeats=True,
        ),
        Handler(GiveRepairCards, decide_give, gives=RepairCardsGiven, meters=lambda _, __: (CARDS,)),
    ),
    rule=lambda rules: (rules.check_in, rules.repair),
    outcomes=(
        CheckInRepaired, RepairCardsGiven, RepairsOff, NotRepairable, RepairLimitReached, NoRepairCard,
    ),
    tables=(REPAIRS,),
    carry=CARRY,
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.repair),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)  # fmt: skip
