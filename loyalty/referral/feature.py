"""Referrals, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.referral.audit import CHECKS
from loyalty.referral.commands import BindReferral, QualifyReferral, RewardReferral
from loyalty.referral.decide import decide_bind, decide_qualify, decide_reward
from loyalty.referral.outcomes import (
    AlreadyBound,
    InviterTooNew,
    NotReferred,
    ReferralBound,
    ReferralQualified,
    ReferralRewarded,
    ReferralTooLate,
    SelfReferral,
    UnknownReferralCode,
)
from loyalty.referral.rows import (
    FRIEND,
    FRIENDS_REWARDED,
    HALF_REFERRAL,
    HALF_SIGNED_IN,
    HAS_SIGNED_IN,
    INVITER,
    QUALIFY_REFERRALS,
    REFERRAL,
    REFERRALS,
)
from loyalty.referral.words import SENTENCES, rule_texts

FEATURE: Final = Feature(
    "referral",
    handlers=(
        Handler(
            BindReferral, decide_bind, gives=ReferralBound, explains_repeats=True,
            reads=(REFERRAL, HALF_REFERRAL, HAS_SIGNED_IN, HALF_SIGNED_IN, INVITER),
        ),
        Handler(
            QualifyReferral, decide_qualify, gives=ReferralQualified, reads=(REFERRAL, HALF_REFERRAL, INVITER), once_per_person=True
        ),
        Handler(
            RewardReferral, decide_reward, gives=ReferralRewarded, reads=(FRIEND,), once_per_person=True,
            meters=lambda _, __: (FRIENDS_REWARDED,),
        ),
    ),
    rule=lambda rules: rules.referral,
    outcomes=(
        ReferralBound, ReferralQualified, ReferralRewarded, AlreadyBound, SelfReferral, ReferralTooLate, InviterTooNew,
        UnknownReferralCode, NotReferred,
    ),
    tables=(REFERRALS,),
    updates=(QUALIFY_REFERRALS,),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.referral),
    schema=Path(__file__).with_name("schema.yaml"),
)  # fmt: skip
