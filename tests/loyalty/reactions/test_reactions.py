"""What one feature's result brings in another."""

from datetime import timedelta

import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.rows import LAST_CHECK_IN, CheckInRow
from loyalty.ledger.writes import FollowUp
from loyalty.referral.rows import REFERRAL, StoredReferral
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, noon, wallet_of

YESTERDAY = TODAY - timedelta(days=1)

QUALIFIES = [
    (None, None, 0),
    (None, StoredReferral(3, qualified=False), 1),
    (None, StoredReferral(3, qualified=True), 0),
    (CheckInRow(YESTERDAY, 1, 10), StoredReferral(3, qualified=False), 0),
]


@pytest.mark.parametrize(("last", "referral", "owed"), QUALIFIES)
def test_only_the_first_sign_in_of_a_bound_friend_qualifies(
    last: CheckInRow | None, referral: StoredReferral | None, owed: int
) -> None:
    wallet = wallet_of()
    command = CheckIn(member_id=MEMBER, request_key="k", at=noon(TODAY))
    decided(command, wallet, rules_with(), {LAST_CHECK_IN: last, REFERRAL: referral})
    expected = [FollowUp(MEMBER, "engine:qualify_referral:1", "qualify_referral", {})]
    assert wallet.writes.follow_ups == expected * owed
