"""The new member's gift: once, for ever."""

from datetime import datetime

from jifen.loyalty.calendar import expires_on
from jifen.loyalty.commands import Welcome
from jifen.loyalty.live import LiveRules
from jifen.loyalty.outcomes import Outcome
from jifen.loyalty.refusals import NothingDue
from jifen.loyalty.results import Welcomed
from jifen.loyalty.stock import Stock
from jifen.loyalty.wallet import Wallet


def decide(wallet: Wallet, command: Welcome, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Grant the gift, if the programme has one."""
    points = live.rules.welcome.points
    if not points:
        return NothingDue()
    wallet.grant(points, "welcome", {}, expires_on(live.day(at), live.rules.expiry.months))
    return Welcomed(points=points, balance=wallet.available)
