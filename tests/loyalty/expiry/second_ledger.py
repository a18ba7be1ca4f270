"""Booking what lapsed and warning of it, in the second ledger."""

from collections import Counter
from datetime import date
from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.expiry.commands import Book, WarnExpiry
from loyalty.expiry.outcomes import Booked, ExpiryWarned
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


def _book(member: Member, command: Book, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    opened, lapsed = (
        sum(move.amount for move in sheet.moves if move.reason == reason) for reason in ("opened", "lapsed")
    )
    return Booked(opened, lapsed, sheet.spendable) if sheet.moves else NothingDue()


def _warn(member: Member, command: WarnExpiry, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    warnings = []
    left: Counter[date] = Counter()
    for day, lot in (*sheet.lots.items(), *((gone, lot) for (gone, _), lot in sheet.pending.items())):
        left[day] += lot.remaining
    for day, points in sorted(left.items()):
        days = (day - scene.today).days
        for first, last in scene.version.rules.notices.expiry.ranges_days:
            key = f"{first}-{last}|{day}"
            if points and last <= days <= first and ("expiry", key) not in member.told:
                made.tells.append(("expiry", key))
                warnings.append((f"{first}-{last}", points, day))
    return ExpiryWarned(tuple(warnings)) if warnings else NothingDue()


def _ask_to_book(now: Situation) -> Book:
    return Book(**now.job, request_key=f"job:expire|{now.today}")


def _ask_to_warn(now: Situation) -> WarnExpiry:
    return WarnExpiry(**now.job, request_key=f"job:warn_expiry|{now.today}")


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            Book,
            _book,
            fact=lambda command, day: ("expire", str(day)),
            statuses=("open", "limited", "frozen"),
        ),
        Expected(WarnExpiry, _warn, fact=lambda command, day: ("warn_expiry", str(day))),
    ),
    asks=(
        AskKind("expire", Book, _ask_to_book, share=4, together=True),
        AskKind("warn", WarnExpiry, _ask_to_warn, share=3, together=True),
    ),
)
