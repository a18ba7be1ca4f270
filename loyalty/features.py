"""All features of the programme, in the order in which members read its rules."""

from typing import Final

from loyalty import reactions, rule_change, settling, telling, wakeup, welcome
from loyalty.adjustments import feature as adjustments
from loyalty.appeals import feature as appeals
from loyalty.cases import feature as cases
from loyalty.checkin import feature as checkin
from loyalty.checkin.repair import feature as repair
from loyalty.deductions import feature as deductions
from loyalty.earning import feature as earning
from loyalty.earning.packs import feature as packs
from loyalty.engine.feature import Feature
from loyalty.erasing import feature as erasing
from loyalty.expiry import feature as expiry
from loyalty.expiry.extension import feature as extension
from loyalty.expiry.inactivity import feature as inactivity
from loyalty.games import feature as games
from loyalty.imports import feature as imports
from loyalty.merging.feature import merging
from loyalty.missions import feature as missions
from loyalty.operations import feature as operations
from loyalty.polls import feature as polls
from loyalty.referral import feature as referral
from loyalty.rewards import feature as rewards
from loyalty.shown import feature as shown
from loyalty.tiers import feature as tiers
from loyalty.vouchers import feature as vouchers

CARRIED: Final[tuple[Feature, ...]] = (
    welcome.FEATURE,
    checkin.FEATURE,
    repair.FEATURE,
    earning.FEATURE,
    packs.FEATURE,
    games.FEATURE,
    rewards.FEATURE,
    vouchers.FEATURE,
    deductions.FEATURE,
    missions.FEATURE,
    polls.FEATURE,
    shown.FEATURE,
    referral.FEATURE,
    tiers.FEATURE,
    expiry.FEATURE,
    extension.FEATURE,
    inactivity.FEATURE,
    wakeup.FEATURE,
    rule_change.FEATURE,
    imports.FEATURE,
    settling.FEATURE,
    adjustments.FEATURE,
    appeals.FEATURE,
    cases.FEATURE,
    erasing.FEATURE,
    operations.FEATURE,
    reactions.FEATURE,
    telling.FEATURE,
)

FEATURES: Final[tuple[Feature, ...]] = (*CARRIED, merging(CARRIED))
