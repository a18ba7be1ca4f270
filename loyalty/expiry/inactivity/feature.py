"""The forfeiture of points of the inactive, described to the engine."""

from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.expiry.inactivity.audit import CHECKS
from loyalty.expiry.inactivity.commands import ForfeitInactive, WarnInactive
from loyalty.expiry.inactivity.decide import decide_forfeit, decide_warn, warned
from loyalty.expiry.inactivity.outcomes import InactivityWarned, PointsForfeited
from loyalty.expiry.inactivity.words import SENTENCES, rule_texts
from loyalty.members.visits import LAST_SEEN

FEATURE: Final = Feature(
    "inactivity",
    handlers=(
        Handler(
            WarnInactive,
            decide_warn,
            gives=InactivityWarned,
            reads=(LAST_SEEN,),
            meters=lambda command, _: (warned(command.silent_since),),
        ),
        Handler(
            ForfeitInactive,
            decide_forfeit,
            gives=PointsForfeited,
            reads=(LAST_SEEN,),
            meters=lambda command, _: (warned(command.silent_since),),
        ),
    ),
    rule=lambda rules: rules.expiry.inactivity,
    outcomes=(InactivityWarned, PointsForfeited),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.expiry.inactivity),
)
