"""Acceleration packs, described to the engine."""

from typing import Final

from loyalty.earning.packs.audit import CHECKS
from loyalty.earning.packs.commands import TakePack
from loyalty.earning.packs.decide import decide_take, meters_of
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackNotForTier, PackTaken, UnknownPack
from loyalty.earning.packs.words import SENTENCES, rule_texts
from loyalty.engine.feature import Feature, Handler
from loyalty.tiers.rows import TIER

FEATURE: Final = Feature(
    "packs",
    handlers=(Handler(TakePack, decide_take, gives=PackTaken, reads=(TIER,), rule_meters=meters_of),),
    outcomes=(PackTaken, UnknownPack, PackNotForTier, PackLimitReached, PackInUse),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules),
)
