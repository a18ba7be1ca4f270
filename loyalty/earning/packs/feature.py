"""Acceleration packs, described to the engine."""

from dataclasses import replace
from typing import Any, Final

from loyalty.earning.packs.audit import CHECKS
from loyalty.earning.packs.commands import TakePack
from loyalty.earning.packs.decide import decide_take, meters_of
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackNotForTier, PackTaken, UnknownPack
from loyalty.earning.packs.words import SENTENCES, rule_texts
from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.reads import SharedRows
from loyalty.shown.rows import LAST_SHOWN
from loyalty.tiers.rows import TIER


def _suppose(command: TakePack, _: Any, shared: SharedRows) -> tuple[TakePack, SharedRows]:
    """The member is supposed to have agreed to the price, whatever it is."""
    return replace(command, as_shown=False, price_points=None), shared


FEATURE: Final = Feature(
    "packs",
    handlers=(
        Handler(
            TakePack,
            decide_take,
            gives=PackTaken,
            reads=(LAST_SHOWN, TIER),
            rule_meters=meters_of,
            suppose=_suppose,
        ),
    ),
    outcomes=(PackTaken, UnknownPack, PackNotForTier, PackLimitReached, PackInUse),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules),
)
