"""What an answer of the chat tells, in the words of the functions that write it: the sentences stand in `test_texts` alone."""

import re
from typing import Any, Final

from bot.answers import not_enough_text
from bot.checkin import check_in_text
from bot.reward import redeem_text
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.overview import Overview
from loyalty.rewards.outcomes import Redeemed
from tests.ledger import START, ZONE, demo_rules

DAY: Final = START.astimezone(ZONE).date()
BRAND: Final = demo_rules().programme.brand


def opening(text: str) -> str:
    """The words before the first number, by which one outcome is told from another."""
    return re.split(r"\d", text, maxsplit=1)[0]


SIGNED_IN: Final = opening(check_in_text(CheckedIn(DAY, 1, 1, 0, 0), DAY))
"""How a sign-in's answer begins; its points follow."""
SIGNED_BEFORE: Final = opening(check_in_text(AlreadyCheckedIn(DAY, 1, 1, 0), DAY))
TOO_LATE: Final = check_in_text(DayPassed(DAY), DAY)
NOT_ENOUGH: Final = opening(not_enough_text("1", NotEnoughPoints(1, 0)))
"""How every answer for want of points begins; what they were wanted for follows."""
REDEEMED: Final = opening(redeem_text(Redeemed(1, 0, "x", "1", 1, 1, "c", "issued", DAY, 0), "1"))
"""How an exchange's answer begins; the reward's name follows."""


def signed_in(streak: int, points: int = 10, bonus: int = 0) -> str:
    """How the answer to a sign-in of so many points, the streak's `streak`-th, begins."""
    return check_in_text(CheckedIn(DAY, streak, points, bonus, 0), DAY).partition("。")[0]


def overview(**fields: Any) -> Overview:
    """A member at a glance, a basic one of the demo's unless told otherwise."""
    tiers = demo_rules().tiers
    plain: dict[str, Any] = {
        "member_id": 1, "nickname": None, "balance": 1_340, "pending": 0, "debt": 0, "growth": 400,
        "tier": tiers[0], "next_tier": tiers[1], "points_to_next_tier": 601, "expiring": (),
        "checked_in_today": True, "streak": 3,
    }  # fmt: skip
    return Overview(**(plain | fields))
