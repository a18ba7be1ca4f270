"""Waking the silent: from the thirtieth day on, and nobody who came back."""

from datetime import timedelta

import pytest

from loyalty.engine.refusals import NothingDue
from loyalty.members.visits import LAST_SEEN
from loyalty.wakeup import WakeUp, WokenUp
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, lot, noon, wallet_of

RULES = rules_with()
SILENCE = [(29, 0, False), (30, 0, True), (31, 0, True), (400, 0, True), (30, 1, False), (30, 30, False)]


@pytest.mark.parametrize(("days", "came_back_after", "woken"), SILENCE)
def test_the_silent_are_woken_from_the_thirtieth_day(days: int, came_back_after: int, woken: bool) -> None:
    silent_since = TODAY - timedelta(days=days)
    seen = silent_since + timedelta(days=came_back_after)
    wallet = wallet_of(lot(10))
    command = WakeUp(member_id=MEMBER, request_key="k", at=noon(TODAY), silent_since=silent_since)
    outcome = decided(command, wallet, RULES, {LAST_SEEN: seen})
    assert outcome == (WokenUp(silent_since, 10) if woken else NothingDue())
    told = [("wake_up", silent_since.isoformat(), {"points": 10})] if woken else []
    assert [notice[:3] for notice in wallet.writes.notices] == told
