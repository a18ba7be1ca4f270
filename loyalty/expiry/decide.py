"""Points that open and lapse: booking them, and warning members before points lapse."""

from collections import Counter
from datetime import date

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.expiry.commands import Book, WarnExpiry
from loyalty.expiry.outcomes import Booked, ExpiryWarned
from loyalty.expiry.rows import WARNINGS_GIVEN, warning
from loyalty.expiry.rule import ExpiryNotice
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import NoticeRow
from loyalty.members.visits import LAST_SEEN


def decide_book(wallet: Wallet, _: Book, __: Scene[ExpiryNotice]) -> Outcome:
    """Nothing is left to do: the engine has opened and lapsed lots before, as it does for every command."""
    moved = [entry.facts for entry in wallet.writes.entries]
    opened = sum(entry.amount for entry in moved if entry.reason == "opened")
    lapsed = sum(entry.amount for entry in moved if entry.reason == "lapsed")
    if not moved:
        return NothingDue()
    return Booked(opened=opened, lapsed=lapsed, balance=wallet.available)


def decide_warn(wallet: Wallet, _: WarnExpiry, scene: Scene[ExpiryNotice]) -> Outcome:
    """One notice per range and lapse day, with the points that lapse that day, unless the member was given it before."""
    given = scene.recall(WARNINGS_GIVEN)
    warnings = []
    for lapse_day, points in sorted(_by_day(wallet).items()):
        days_left = (lapse_day - wallet.today).days
        days = scene.rule.range_of(days_left)
        if not points or days is None or warning(lapse_day, days) in given:
            continue
        payload = {"points": points, "expires_on": lapse_day.isoformat(), "days_left": days_left}
        due_at = scene.live.unprompted_at(
            wallet.member_id, wallet.posted_at, seen_on=scene.recall(LAST_SEEN), gone_on=lapse_day
        )
        wallet.writes.notices.append(NoticeRow("expiry", f"{days}|{lapse_day.isoformat()}", payload, due_at))
        wallet.count(warning(lapse_day, days))
        warnings.append((days, points, lapse_day))
    return ExpiryWarned(tuple(warnings)) if warnings else NothingDue()


def _by_day(wallet: Wallet) -> Counter[date]:
    """The points that remain, by the day on which they lapse."""
    by_day: Counter[date] = Counter()
    for lot in wallet.lots.values():
        by_day[lot.key.expires_on] += lot.remaining
    return by_day
