"""The outcomes of a sign-in."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import day_text


@dataclass(frozen=True)
class CheckedIn(Result):
    """Signed in for `day`. `points` includes `bonus`; the next bonus is `next_bonus` points in `next_bonus_in` days."""

    code = "checked_in"
    moves_points = False  # mended days may have used up the day's cap
    day: date
    streak: int
    points: int
    bonus: int
    balance: int
    next_bonus: int | None = None
    next_bonus_in: int | None = None


@dataclass(frozen=True)
class AlreadyCheckedIn(Refusal):
    """The member has signed in on this day before; the fields are those of that sign-in."""

    code = "already_checked_in"
    title = "已经签到过了"
    public_fields = ("day", "streak", "points", "balance", "next_bonus", "next_bonus_in")
    day: date
    streak: int
    points: int
    balance: int
    next_bonus: int | None = None
    next_bonus_in: int | None = None

    @property
    def sentence(self) -> str:
        """The sentence names the day by its date, because a repeat of the request on a later day gets the same answer."""
        return f"{day_text(self.day)}已经签到过了，已连续签到 {self.streak} 天。"


@dataclass(frozen=True)
class DayPassed(Refusal):
    """The command is for an earlier business day than the last sign-in; members sign in for days in order."""

    code = "day_passed"
    title = "这一天已经过去"
    public_fields = ("day",)
    day: date

    @property
    def sentence(self) -> str:
        """Names the day."""
        return f"{day_text(self.day)}已经过去，不能补签。"
