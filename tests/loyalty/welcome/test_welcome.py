"""The new member's gift."""

import pytest

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.welcome import Welcome, Welcomed
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, noon, wallet_of


@pytest.mark.parametrize(("points", "expected"), [(100, Welcomed(100, 100)), (0, NothingDue())])
def test_welcome(points: int, expected: Outcome) -> None:
    wallet = wallet_of()
    command = Welcome(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, rules_with(welcome={"points": points})) == expected
    assert wallet.available == points
