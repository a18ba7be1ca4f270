"""The new member's gift: once, for ever."""

from datetime import datetime

from loyalty.calendar import expires_on
from loyalty.commands import Welcome
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome
from loyalty.refusals import NothingDue
from loyalty.results import Welcomed
from loyalty.stock import Stock
from loyalty.wallet import Wallet


def decide(wallet: Wallet, command: Welcome, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Grant the gift, if the programme has one."""
    points = live.rules.welcome.points
    if not points:
        return NothingDue()
    wallet.grant(points, "welcome", {}, expires_on(live.day(at), live.rules.expiry.months))
    return Welcomed(points=points, balance=wallet.available)
