"""The daily sign-in, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.checkin.audit import CHECKS
from loyalty.checkin.cap import cap_meters
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.decide import decide
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.checkin.rows import CHECK_INS, LAST_CHECK_IN
from loyalty.checkin.words import SENTENCES, rule_texts
from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept

KEPT: Final = Kept(
    table="check_in", title="签到", why="计算连续签到的天数和积分", key=("day",),
    columns={"day": "日期", "streak": "连续天数", "points": "积分", "carried": "从合并来的会员转入"},
)  # fmt: skip

FEATURE: Final = Feature(
    "check_in",
    handlers=(
        Handler(
            CheckIn,
            decide,
            gives=CheckedIn,
            reads=(LAST_CHECK_IN,),
            rule_meters=lambda _, rule, day: cap_meters(rule, day),
            explains_repeats=True,
        ),
    ),
    rule=lambda rules: rules.check_in,
    outcomes=(CheckedIn, AlreadyCheckedIn, DayPassed),
    tables=(CHECK_INS,),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.check_in, {one.id: one.name for one in rules.rewards}),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)
