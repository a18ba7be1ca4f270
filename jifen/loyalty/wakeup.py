"""Waking the silent: one notice per silence, none if the member came back meanwhile."""

from datetime import datetime

from jifen.loyalty.commands import WakeUp
from jifen.loyalty.facts import NoticeRow
from jifen.loyalty.live import LiveRules
from jifen.loyalty.outcomes import Outcome
from jifen.loyalty.refusals import NothingDue
from jifen.loyalty.results import WokenUp
from jifen.loyalty.stock import Stock
from jifen.loyalty.wallet import Wallet


def decide(wallet: Wallet, command: WakeUp, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Day 29 of silence no, day 30 yes; the fact is the silence itself, so it wakes once."""
    seen = wallet.memories.last_seen_on
    if seen != command.silent_since or (wallet.today - seen).days < live.rules.notices.wake_up.silent_days:
        return NothingDue()
    key = command.silent_since.isoformat()
    wallet.writes.notices.append(NoticeRow("wake_up", key, {"points": wallet.available}))
    return WokenUp(command.silent_since, wallet.available)
