"""The tiers, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept, named
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

KEPT: Final = Kept(
    table="tier_span", title="会员等级", why="给你等级的权益；到期时重新评定", key=("receipt_no",),
    columns={"since": "从", "until": "到", "tier": "等级", "came_from": "之前的等级", "why": "原因"},
    shown={
        "why": named(
            {
                "begun": "开始记录", "reached": "达到了", "kept": "评定后保级", "fell": "评定后降级", "refunded": "退款后重算",
                "merged": "合并会员后重算",
            }
        )
    },
)  # fmt: skip

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
    kept=(KEPT,),
)
