"""Referrals: bound once, never to oneself, not too late; paid to both sides once, where switched on."""

from typing import Any

import pytest

from loyalty.commands import BindReferral, QualifyReferral, RewardReferral, Welcome
from loyalty.facts import CheckInFact, FollowUp, Memories, ReferralFact
from loyalty.outcomes import Outcome
from loyalty.referral import decide_bind, decide_qualify, decide_reward
from loyalty.refusals import (
    AlreadyBound,
    InviterTooNew,
    NothingDue,
    NotReferred,
    ReferralTooLate,
    SelfReferral,
)
from loyalty.results import ReferralBound, ReferralQualified, ReferralRewarded, Welcomed
from loyalty.stock import Stock
from loyalty.welcome import decide as decide_welcome
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, live, noon, wallet_of

NONE = Stock({}, {})
SIGNED_IN = CheckInFact(TODAY, 1, 10)

BINDS: list[tuple[int, ReferralFact | None, CheckInFact | None, Outcome]] = [
    (3, None, None, ReferralBound(3)),
    (MEMBER, None, None, SelfReferral()),
    (MEMBER, ReferralFact(3, qualified=True), SIGNED_IN, SelfReferral()),
    (4, ReferralFact(3, qualified=False), None, AlreadyBound(3)),
    (3, ReferralFact(3, qualified=True), SIGNED_IN, AlreadyBound(3)),
    (3, None, SIGNED_IN, ReferralTooLate()),
    (MEMBER + 1, None, SIGNED_IN, ReferralTooLate()),
    (MEMBER + 1, None, None, InviterTooNew()),
]


@pytest.mark.parametrize(("inviter", "referral", "last", "expected"), BINDS)
def test_bind(
    inviter: int, referral: ReferralFact | None, last: CheckInFact | None, expected: Outcome
) -> None:
    wallet = wallet_of(memories=Memories(referral=referral, last_check_in=last))
    command = BindReferral(member_id=MEMBER, request_key="k", at=noon(TODAY), inviter_id=inviter)
    assert decide_bind(wallet, command, live(rules_with()), NONE, command.at) == expected
    bound = [(inviter, wallet.posted_at)] if isinstance(expected, ReferralBound) else []
    assert wallet.writes.referrals == bound
    assert wallet.writes.entries == []


ON = {"enabled": True, "inviter_points": 50, "friend_points": 20}
QUALIFIES: list[tuple[dict[str, Any], ReferralFact | None, Outcome, int]] = [
    (ON, ReferralFact(3, qualified=False), ReferralQualified(3, 20, 50, 20), 1),
    (ON | {"friend_points": 0}, ReferralFact(3, qualified=False), ReferralQualified(3, 0, 50, 0), 1),
    (ON | {"enabled": False}, ReferralFact(3, qualified=False), ReferralQualified(3, 0, 0, 0), 0),
    (ON, ReferralFact(3, qualified=True), NotReferred(), 0),
    (ON, None, NotReferred(), 0),
]


@pytest.mark.parametrize(("rule", "referral", "expected", "owed"), QUALIFIES)
def test_qualify(rule: dict[str, Any], referral: ReferralFact | None, expected: Outcome, owed: int) -> None:
    wallet = wallet_of(memories=Memories(referral=referral))
    command = QualifyReferral(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decide_qualify(wallet, command, live(rules_with(referral=rule)), NONE, command.at) == expected
    follow_up = FollowUp(3, f"engine:reward_referral:{MEMBER}", "reward_referral", {"friend_id": MEMBER})
    assert wallet.writes.follow_ups == [follow_up] * owed
    assert len(wallet.writes.qualified) == (not isinstance(expected, NotReferred))


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
    wallet = wallet_of(memories=Memories(referrals_rewarded=rewarded))
    command = RewardReferral(member_id=MEMBER, request_key="k", at=noon(TODAY), friend_id=9)
    assert decide_reward(wallet, command, live(rules_with(referral=rule)), NONE, command.at) == expected
    told = (
        [("referral_rewarded", "9", {"friend_id": 9, "points": expected.points})]
        if isinstance(expected, ReferralRewarded) and expected.points
        else []
    )
    assert wallet.writes.notices == told


@pytest.mark.parametrize(("points", "expected"), [(100, Welcomed(100, 100)), (0, NothingDue())])
def test_welcome(points: int, expected: Outcome) -> None:
    wallet = wallet_of()
    command = Welcome(member_id=MEMBER, request_key="k", at=noon(TODAY))
    rules = live(rules_with(welcome={"points": points}))
    assert decide_welcome(wallet, command, rules, NONE, command.at) == expected
    assert wallet.available == points
