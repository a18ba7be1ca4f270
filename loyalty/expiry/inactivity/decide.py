"""Warning the inactive and forfeiting their points. A visit in between cancels both."""

from datetime import date

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.expiry.inactivity.commands import ForfeitInactive, WarnInactive
from loyalty.expiry.inactivity.outcomes import InactivityWarned, PointsForfeited
from loyalty.expiry.inactivity.rule import InactivityRule
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey, NoticeRow
from loyalty.members.visits import LAST_SEEN

InactivityScene = Scene[InactivityRule | None]


def warned(silent_since: date) -> MeterKey:
    """The meter of a silence: the ordinal number of the day of its warning."""
    return MeterKey("inactivity_warned", silent_since.isoformat())


def decide_warn(wallet: Wallet, command: WarnInactive, scene: InactivityScene) -> Outcome:
    """Write the notice from `warn_days` before the forfeiture on, if there are points."""
    rule, seen = scene.rule, scene.recall(LAST_SEEN)
    if rule is None or seen != command.silent_since or not wallet.available:
        return NothingDue()
    if wallet.today < rule.warn_day(seen) or wallet.meter(warned(seen)):
        return NothingDue()
    gone_on = rule.gone_on(seen, wallet.today)
    payload = {"points": wallet.available, "gone_on": gone_on.isoformat()}
    due_at = scene.live.unprompted_at(wallet.member_id, wallet.posted_at, seen_on=seen, gone_on=gone_on)
    wallet.writes.notices.append(NoticeRow("inactivity", seen.isoformat(), payload, due_at))
    wallet.count(warned(seen), wallet.today.toordinal())
    return InactivityWarned(seen, wallet.today, wallet.available, gone_on)


def decide_forfeit(wallet: Wallet, command: ForfeitInactive, scene: InactivityScene) -> Outcome:
    """Take all points that can be spent, unless the member has been here, or was warned too short a time ago."""
    rule, seen = scene.rule, scene.recall(LAST_SEEN)
    if rule is None or seen != command.silent_since or not wallet.available:
        return NothingDue()
    warned_on = wallet.meter(warned(seen))
    if not warned_on or wallet.today < rule.gone_on(seen, date.fromordinal(warned_on)):
        return NothingDue()
    wallet.unless_seen_after = seen
    points = wallet.forfeit("forfeited", {"silent_since": seen.isoformat()})
    return PointsForfeited(seen, points)
