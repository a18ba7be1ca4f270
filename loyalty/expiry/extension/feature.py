"""Extensions, described to the engine."""

from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.expiry.extension.audit import CHECKS
from loyalty.expiry.extension.commands import ExtendPoints
from loyalty.expiry.extension.decide import decide_extend
from loyalty.expiry.extension.outcomes import (
    AlreadyExtended,
    ExtensionsOff,
    NothingToExtend,
    PointsExtended,
    TooEarlyToExtend,
)
from loyalty.expiry.extension.rows import LOTS_OF_DAY, extended
from loyalty.expiry.extension.words import SENTENCES, rule_texts
from loyalty.shown.rows import LAST_SHOWN

FEATURE: Final = Feature(
    "extension",
    handlers=(
        Handler(
            ExtendPoints,
            decide_extend,
            gives=PointsExtended,
            reads=(LAST_SHOWN,),
            lots=LOTS_OF_DAY,
            meters=lambda command, _: (extended(command.expires_on),),
            explains_repeats=True,
        ),
    ),
    rule=lambda rules: rules.expiry,
    outcomes=(PointsExtended, ExtensionsOff, AlreadyExtended, TooEarlyToExtend, NothingToExtend),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.expiry.extension),
)
