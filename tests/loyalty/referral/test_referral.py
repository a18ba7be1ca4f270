"""Referrals: bound once, never to oneself, not too late; paid to both sides once, where switched on."""

from typing import Any

import pytest

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.ledger.writes import FollowUp
from loyalty.referral.commands import BindReferral, QualifyReferral, RewardReferral
from loyalty.referral.outcomes import (
    AlreadyBound,
    InviterTooNew,
    NotReferred,
    ReferralBound,
    ReferralQualified,
    ReferralRewarded,
    ReferralTooLate,
    SelfReferral,
)
from loyalty.referral.rows import (
    FRIENDS_REWARDED,
    HAS_SIGNED_IN,
    QUALIFY_REFERRALS,
    REFERRAL,
    REFERRALS,
    StoredReferral,
)
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, noon, wallet_of

BINDS: list[tuple[int, StoredReferral | None, bool, Outcome]] = [
    (3, None, False, ReferralBound(3)),
    (MEMBER, None, False, SelfReferral()),
    (MEMBER, StoredReferral(3, qualified=True), True, SelfReferral()),
    (4, StoredReferral(3, qualified=False), False, AlreadyBound(3)),
    (3, StoredReferral(3, qualified=True), True, AlreadyBound(3)),
    (3, None, True, ReferralTooLate()),
    (MEMBER + 1, None, True, ReferralTooLate()),
    (MEMBER + 1, None, False, InviterTooNew()),
]


@pytest.mark.parametrize(("inviter", "referral", "signed_in", "expected"), BINDS)
def test_bind(inviter: int, referral: StoredReferral | None, signed_in: bool, expected: Outcome) -> None:
    wallet = wallet_of()
    command = BindReferral(member_id=MEMBER, request_key="k", at=noon(TODAY), inviter_id=inviter)
    assert decided(command, wallet, rules_with(), {REFERRAL: referral, HAS_SIGNED_IN: signed_in}) == expected
    bound = [(inviter, wallet.posted_at)] if isinstance(expected, ReferralBound) else []
    assert wallet.writes.rows[REFERRALS] == bound
    assert wallet.writes.entries == []


ON = {"enabled": True, "inviter_points": 50, "friend_points": 20}
QUALIFIES: list[tuple[dict[str, Any], StoredReferral | None, Outcome, int]] = [
    (ON, StoredReferral(3, qualified=False), ReferralQualified(3, 20, 50, 20), 1),
    (
        ON | {"friend_points": 0},
        StoredReferral(3, qualified=False),
        ReferralQualified(3, 0, 50, 0),
        1,
    ),
    (
        ON | {"enabled": False},
        StoredReferral(3, qualified=False),
        ReferralQualified(3, 0, 0, 0),
        0,
    ),
    (ON, StoredReferral(3, qualified=True), NotReferred(), 0),
    (ON, None, NotReferred(), 0),
]


@pytest.mark.parametrize(("rule", "referral", "expected", "owed"), QUALIFIES)
def test_qualify(rule: dict[str, Any], referral: StoredReferral | None, expected: Outcome, owed: int) -> None:
    wallet = wallet_of()
    command = QualifyReferral(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, rules_with(referral=rule), {REFERRAL: referral}) == expected
    follow_up = FollowUp(3, f"engine:reward_referral:{MEMBER}", "reward_referral", {"friend_id": MEMBER})
    assert wallet.writes.follow_ups == [follow_up] * owed
    assert len(wallet.writes.changes[QUALIFY_REFERRALS]) == (not isinstance(expected, NotReferred))


LADDER = ON | {"ladder": [{"qualified": 3, "bonus": 50}, {"qualified": 10, "bonus": 200}]}
REWARDS: list[tuple[dict[str, Any], int, Outcome]] = [
    (LADDER, 0, ReferralRewarded(9, 1, 50, 0, 50)),
    (LADDER, 1, ReferralRewarded(9, 2, 50, 0, 50)),
    (LADDER, 2, ReferralRewarded(9, 3, 100, 50, 100)),
    (LADDER, 3, ReferralRewarded(9, 4, 50, 0, 50)),
    (LADDER, 9, ReferralRewarded(9, 10, 250, 200, 250)),
    (LADDER | {"inviter_points": 0}, 2, ReferralRewarded(9, 3, 50, 50, 50)),
    (LADDER | {"inviter_points": 0}, 1, ReferralRewarded(9, 2, 0, 0, 0)),
    (LADDER | {"enabled": False}, 2, NothingDue()),
]


@pytest.mark.parametrize(("rule", "rewarded", "expected"), REWARDS)
def test_reward(rule: dict[str, Any], rewarded: int, expected: Outcome) -> None:
    wallet = wallet_of(meters={FRIENDS_REWARDED: rewarded})
    command = RewardReferral(member_id=MEMBER, request_key="k", at=noon(TODAY), friend_id=9)
    assert decided(command, wallet, rules_with(referral=rule)) == expected
    told = (
        [("referral_rewarded", "9", {"friend_id": 9, "points": expected.points})]
        if isinstance(expected, ReferralRewarded) and expected.points
        else []
    )
    assert [notice[:3] for notice in wallet.writes.notices] == told
