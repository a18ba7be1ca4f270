"""The tiers, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.members.visits import LAST_SEEN
from loyalty.tiers.audit import CHECKS
from loyalty.tiers.carry import CARRY
from loyalty.tiers.commands import ReviewTier, SetTier, WarnTier
from loyalty.tiers.decide import decide_review, decide_set, decide_warn
from loyalty.tiers.measuring import MEASURED, ZONE
from loyalty.tiers.outcomes import TierChanged, TierRequired, TierReviewed, TierWarned
from loyalty.tiers.rows import CLOSE_SPAN, HISTORY, TIER_SPANS
from loyalty.tiers.words import rule_texts

READS: Final = (HISTORY, MEASURED)

FEATURE: Final = Feature(
    "tiers",
    handlers=(
        Handler(SetTier, decide_set, gives=TierChanged, reads=READS, shared=(ZONE,)),
        Handler(ReviewTier, decide_review, gives=TierReviewed, reads=READS, shared=(ZONE,)),
        Handler(WarnTier, decide_warn, gives=TierWarned, reads=(*READS, LAST_SEEN), shared=(ZONE,)),
    ),
    rule=lambda rules: rules.ladder,
    outcomes=(TierChanged, TierReviewed, TierWarned, TierRequired),
    tables=(TIER_SPANS,),
    updates=(CLOSE_SPAN,),
    carry=CARRY,
    checks=CHECKS,
    texts=lambda rules, _: rule_texts(rules.ladder),
    schema=Path(__file__).with_name("schema.yaml"),
)
