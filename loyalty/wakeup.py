"""Waking the silent: one notice per silence, none if the member came back meanwhile."""

from datetime import datetime

from loyalty.commands import WakeUp
from loyalty.facts import NoticeRow
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome
from loyalty.refusals import NothingDue
from loyalty.results import WokenUp
from loyalty.stock import Stock
from loyalty.wallet import Wallet


def decide(wallet: Wallet, command: WakeUp, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Day 29 of silence no, day 30 yes; the fact is the silence itself, so it wakes once."""
    seen = wallet.memories.last_seen_on
    if seen != command.silent_since or (wallet.today - seen).days < live.rules.notices.wake_up.silent_days:
        return NothingDue()
    key = command.silent_since.isoformat()
    wallet.writes.notices.append(NoticeRow("wake_up", key, {"points": wallet.available}))
    return WokenUp(command.silent_since, wallet.available)
