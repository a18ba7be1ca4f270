"""Points that open and lapse: booking them, and warning before they are gone."""

from collections import Counter
from datetime import date, datetime

from loyalty.commands import Expire, WarnExpiry
from loyalty.facts import NoticeRow
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome
from loyalty.refusals import NothingDue
from loyalty.results import Booked, ExpiryWarned
from loyalty.rules import ExpiryNotice
from loyalty.stock import Stock
from loyalty.wallet import Wallet


def decide_expire(wallet: Wallet, command: Expire, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Nothing but what every accepted command books first."""
    moved = [entry.facts for entry in wallet.writes.entries]
    opened = sum(entry.amount for entry in moved if entry.reason == "opened")
    lapsed = sum(entry.amount for entry in moved if entry.reason == "lapsed")
    if not moved:
        return NothingDue()
    return Booked(opened=opened, lapsed=lapsed, balance=wallet.available)


def decide_warn(wallet: Wallet, command: WarnExpiry, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """One notice per range and lapse day, with what lapses that day; ranges already told of are left out."""
    by_day: Counter[date] = Counter()
    for lot in wallet.lots.values():
        by_day[lot.key.expires_on] += lot.remaining
    warnings = []
    for lapse_day, points in sorted(by_day.items()):
        days_left = (lapse_day - wallet.today).days
        range_key = range_of(days_left, live.rules.notices.expiry)
        key = f"{range_key}|{lapse_day.isoformat()}"
        if not points or range_key is None or ("expiry", key) in wallet.memories.notice_keys:
            continue
        payload = {"points": points, "expires_on": lapse_day.isoformat(), "days_left": days_left}
        wallet.writes.notices.append(NoticeRow("expiry", key, payload))
        warnings.append((range_key, points, lapse_day))
    return ExpiryWarned(tuple(warnings)) if warnings else NothingDue()


def range_of(days_left: int, rule: ExpiryNotice) -> str | None:
    """The range that `days_left` (days until the points are gone; 1: today is the last day) falls in, as `from-to`."""
    for first, last in rule.ranges_days:
        if last <= days_left <= first:
            return f"{first}-{last}"
    return None
