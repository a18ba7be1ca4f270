"""What a sign-in comes to."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import day_text


@dataclass(frozen=True)
class CheckedIn(Result):
    """Signed in for `day`. `points` includes `bonus`; the next bonus is `next_bonus` points in `next_bonus_in` days."""

    code = "checked_in"
    day: date
    streak: int
    points: int
    bonus: int
    balance: int
    next_bonus: int | None = None
    next_bonus_in: int | None = None


@dataclass(frozen=True)
class AlreadyCheckedIn(Refusal):
    """The day's sign-in stands; its facts."""

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
        """The day by its date: the same request key hears this again, and that may be another day."""
        return f"{day_text(self.day)}已经签到过了，已连续签到 {self.streak} 天。"


@dataclass(frozen=True)
class DayPassed(Refusal):
    """The command speaks of a business day before one that is already signed in; days are signed in order."""

    code = "day_passed"
    title = "这一天已经过去"
    public_fields = ("day",)
    day: date

    @property
    def sentence(self) -> str:
        """Which day."""
        return f"{day_text(self.day)}已经过去，不能补签。"
