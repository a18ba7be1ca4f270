"""Referrals, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept
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

KEPT: Final = Kept(
    table="referral", title="谁邀请了你", why="给邀请的人发奖励；是谁不写在这里，那是对方的信息",
    columns={"bound_at": "接受邀请的时间", "qualified_at": "邀请算数的时间"},
)  # fmt: skip

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
    kept=(KEPT,),
)  # fmt: skip
