"""The second ledger: plain dictionaries, kept by the rules of the written design and by nothing of the engine's own code.

What it shares with the engine are values only: commands, outcomes, rule sets. Days, lots and spending order are worked out here
once more; what a feature adds stands beside the feature's tests.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome
from loyalty.games.rule import Wheel
from loyalty.programme.rules import RuleSet

SHANGHAI = timedelta(hours=8)
NEVER = date(9999, 12, 31)
LEASE = timedelta(seconds=60)
K = TypeVar("K")


def day_of(instant: datetime) -> date:
    """The business day of an instant in UTC; Shanghai keeps no summer time."""
    return (instant + SHANGHAI).date()


def gone_on(earned: date, months: int | None) -> date:
    """The first day points are gone: so many months after they were earned, to the end of that month."""
    if months is None:
        return NEVER
    month = earned.year * 12 + earned.month + months
    return date(month // 12, month % 12 + 1, 1)


def next_edge(instant: datetime, edge: str) -> datetime:
    """The first moment of the next business day, or of the next month's first."""
    day = day_of(instant) + timedelta(days=1) if edge == "midnight" else gone_on(day_of(instant), 0)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - SHANGHAI


class Lot(NamedTuple):
    """Points that lapse together."""

    granted: int = 0
    remaining: int = 0
    spent: int = 0
    expired: int = 0
    held: int = 0
    reversed: int = 0
    offset_debt: int = 0
    forfeited: int = 0


class Back(NamedTuple):
    """What a refund took back: points in all, those that were still pending, and those that are owed now."""

    points: int
    pending: int
    debt: int


class Move(NamedTuple):
    """A movement as the entry should tell it."""

    src: str
    dst: str
    amount: int
    reason: str
    gone_on: date | None


@dataclass
class Member:
    """All that is known of a member; lots by the day they are gone, and points by the bucket they are in.

    Pending points are kept by the days on which they are gone and open. `put_off` has the later day of each day that was extended.
    """

    member_id: int
    posted_at: datetime
    seen_on: date
    version: int = 0
    seq: int = 0
    status: str = "open"
    growth: int = 0
    buckets: Counter[str] = field(default_factory=Counter)
    lots: dict[date, Lot] = field(default_factory=dict)
    pending: dict[tuple[date, date], Lot] = field(default_factory=dict)
    put_off: dict[date, date] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    answers: dict[str, tuple[tuple[object, ...], Outcome]] = field(default_factory=dict)
    facts: set[tuple[str, str]] = field(default_factory=set)
    kept: dict[type, Any] = field(default_factory=dict)

    def of(self, kind: type[K]) -> K:
        """What a feature keeps of the member, as an object of its own class; at first made without arguments."""
        if kind not in self.kept:
            self.kept[kind] = kind()
        kept: K = self.kept[kind]
        return kept

    def move(self, move: Move) -> None:
        """Book a movement."""
        self.buckets[move.src] -= move.amount
        self.buckets[move.dst] += move.amount

    @property
    def booked(self) -> tuple[int, int, int, int]:
        """The account's available, pending, held and owed points, whatever of them has lapsed or opened unbooked."""
        return self.buckets["available"], self.buckets["pending"], self.buckets["held"], self.debt

    @property
    def debt(self) -> int:
        """The points that the member owes."""
        return -self.buckets["debt"]


class Sheet:
    """A member's lots on which a command is tried out; nothing counts until it is accepted.

    First, what opened and lapsed is booked. Pending points are kept by the days on which they are gone and open.
    """

    def __init__(self, member: Member, today: date) -> None:
        self.lots, self.pending, self.today = dict(member.lots), dict(member.pending), today
        self.debt, self.growth, self.put_off = member.debt, member.growth, member.put_off
        self.opened: set[tuple[date, date]] = set()
        self.moves: list[Move] = []
        self.open()
        self.lapse()
        self.repay()

    @property
    def spendable(self) -> int:
        """What can be spent on this day."""
        return sum(lot.remaining for lot in self.lots.values())

    def spending_order(self) -> list[date]:
        """Whose turn it is to be spent: the earliest to lapse."""
        return sorted(self.lots)

    def lapse(self) -> int:
        """Book the lots whose day has come; how many points."""
        lapsed = 0
        due = [(day, date.min, lot) for day, lot in self.lots.items() if lot.remaining and day <= self.today]
        due += [
            (gone, opens, lot)
            for (gone, opens), lot in self.pending.items()
            if lot.remaining and gone <= self.today and opens <= self.today
        ]
        for gone, opens, lot in sorted(due):
            self.moves.append(Move("available", "expired", lot.remaining, "lapsed", gone))
            after = lot._replace(remaining=0, expired=lot.expired + lot.remaining)
            if opens == date.min:
                self.lots[gone] = after
            else:
                self.pending[gone, opens] = after
            lapsed += lot.remaining
        return lapsed

    def grant(self, points: int, reason: str, gone: date) -> None:
        """New points; gone at once where their day has come."""
        lot = self.lots.get(gone, Lot())
        self.lots[gone] = lot._replace(granted=lot.granted + points, remaining=lot.remaining + points)
        self.moves.append(Move("issued", "available", points, reason, gone))
        self.growth += points
        self.lapse()
        self.repay()

    def promise(self, points: int, reason: str, gone: date, opens: date) -> None:
        """New points that open later; at once where their day has come."""
        if opens <= self.today:
            self.grant(points, reason, gone)
            return
        lot = self.pending.get((gone, opens), Lot())
        self.pending[gone, opens] = lot._replace(
            granted=lot.granted + points, remaining=lot.remaining + points
        )
        self.moves.append(Move("issued", "pending", points, reason, gone))
        self.growth += points

    def open(self) -> None:
        """Let points whose day has come join those that are gone on the same day; those that are gone by now only lapse."""
        for gone, opens in sorted(key for key in self.pending if key[1] <= self.today):
            lot = self.pending[gone, opens]
            if not lot.remaining or (gone, opens) in self.opened:
                continue
            self.opened.add((gone, opens))
            self.moves.append(Move("pending", "available", lot.remaining, "opened", gone))
            if gone > self.today:
                joined = self.lots.get(gone, Lot())
                self.lots[gone] = joined._replace(
                    granted=joined.granted + lot.remaining, remaining=joined.remaining + lot.remaining
                )
                self.pending[gone, opens] = lot._replace(granted=lot.granted - lot.remaining, remaining=0)

    def repay(self) -> None:
        """Points pay what is owed before anything else."""
        if owed := min(self.debt, self.spendable):
            for day, taken in self._take(owed):
                lot = self.lots[day]
                self.lots[day] = lot._replace(offset_debt=lot.offset_debt + taken)
            self.debt -= owed
            self.moves.append(Move("available", "debt", owed, "debt_repaid", None))

    def reverse(self, points: int, gone: date, opens: date, reason: str) -> Back:
        """Take points back: pending ones, those left where they came, those that lapsed there, any others, and then debt."""
        waiting, left = self.pending.get((gone, opens), Lot()), points
        pending = min(left, waiting.remaining) if opens > self.today else 0
        if pending:
            self.pending[gone, opens] = waiting._replace(
                remaining=waiting.remaining - pending, reversed=waiting.reversed + pending
            )
        left -= pending
        days = [gone, self.put_off[gone]] if gone in self.put_off else [gone]
        taken = 0
        for day in days:
            taken += self._back(day, "remaining", left - taken)
        left -= taken
        late = min(left, self.pending.get((gone, opens), Lot()).expired)
        if late:
            lot = self.pending[gone, opens]
            self.pending[gone, opens] = lot._replace(expired=lot.expired - late, reversed=lot.reversed + late)
        lapsed = late
        for day in days:
            lapsed += self._back(day, "expired", left - lapsed)
        left -= lapsed
        others = min(left, self.spendable)
        for day, some in self._take(others):
            lot = self.lots[day]
            self.lots[day] = lot._replace(reversed=lot.reversed + some)
        debt = left - others
        self.debt += debt
        told = (
            ("pending", pending),
            ("available", taken),
            ("expired", lapsed),
            ("available", others),
            ("debt", debt),
        )
        self.moves += [Move(bucket, "reversed", some, reason, None) for bucket, some in told if some]
        return Back(points, pending, debt)

    def _back(self, day: date, state: str, points: int) -> int:
        """Take back up to so many points that remain or lapsed in the lot of a day; how many."""
        lot = self.lots.get(day, Lot())
        some: int = min(points, getattr(lot, state))
        if some:
            self.lots[day] = lot._replace(
                **{state: getattr(lot, state) - some, "reversed": lot.reversed + some}
            )
        return some

    def _take(self, points: int) -> list[tuple[date, int]]:
        """Take points out of the lots in spending order; from which."""
        uses = []
        for day in self.spending_order():
            lot = self.lots[day]
            taken = min(points, lot.remaining)
            if taken:
                self.lots[day] = lot._replace(remaining=lot.remaining - taken)
                uses.append((day, taken))
                points -= taken
        return uses

    def spend(self, points: int, reason: str) -> tuple[tuple[date, int], ...]:
        """Take points; from which lots."""
        uses = self._take(points)
        for day, taken in uses:
            lot = self.lots[day]
            self.lots[day] = lot._replace(spent=lot.spent + taken)
        self.moves.append(Move("available", "spent", points, reason, None))
        return tuple(uses)

    def restore(self, uses: tuple[tuple[date, int], ...], reason: str) -> int:
        """Back to the lots they came from; how many points lapse by it."""
        for day, points in uses:
            lot = self.lots[day]
            self.lots[day] = lot._replace(remaining=lot.remaining + points, spent=lot.spent - points)
        self.moves.append(Move("spent", "available", sum(points for _, points in uses), reason, None))
        lapsed = self.lapse()
        self.repay()
        return lapsed

    def hold(self, points: int, reason: str) -> tuple[tuple[date, int], ...]:
        """Set points aside; from which lots."""
        uses = self.spend(points, reason)
        for day, taken in uses:
            lot = self.lots[day]
            self.lots[day] = lot._replace(spent=lot.spent - taken, held=lot.held + taken)
        self.moves[-1] = Move("available", "held", points, reason, None)
        return uses

    def adjust(self, points: int, reason: str, gone: date) -> None:
        """An operator gives points, or takes them away: first what lapses first, then what the member will owe."""
        if points > 0:
            place, growth = len(self.moves), self.growth
            self.grant(points, reason, gone)
            self.moves[place], self.growth = self.moves[place]._replace(src="adjusted"), growth
            return
        taken = min(-points, self.spendable)
        for day, some in self._take(taken):
            lot = self.lots[day]
            self.lots[day] = lot._replace(reversed=lot.reversed + some)
        owed = -points - taken
        self.debt += owed
        told = (("available", taken), ("debt", owed))
        self.moves += [Move(bucket, "adjusted", some, reason, None) for bucket, some in told if some]

    def capture(self, uses: tuple[tuple[date, int], ...], reason: str) -> None:
        """Spend what was set aside."""
        for day, points in uses:
            lot = self.lots[day]
            self.lots[day] = lot._replace(held=lot.held - points, spent=lot.spent + points)
        self.moves.append(Move("held", "spent", sum(points for _, points in uses), reason, None))

    def release(self, uses: tuple[tuple[date, int], ...], reason: str) -> int:
        """Give back what was set aside; how many points lapse by it."""
        for day, points in uses:
            lot = self.lots[day]
            self.lots[day] = lot._replace(held=lot.held - points, remaining=lot.remaining + points)
        self.moves.append(Move("held", "available", sum(points for _, points in uses), reason, None))
        lapsed = self.lapse()
        self.repay()
        return lapsed


Table = tuple[str, frozenset[str]]


def table_of(wheel: Wheel) -> Table:
    """The text a round is committed to: everything that the wheel says."""
    prizes = frozenset(prize.model_dump_json() for prize in wheel.prizes)
    return wheel.model_dump_json(exclude={"prizes"}), prizes


class Version(NamedTuple):
    """A published rule set."""

    number: int
    since: datetime
    rules: RuleSet


class Round(NamedTuple):
    """A wheel's open round on one table of odds, with its seed, which stands sealed in the database, and the end of its day."""

    number: int
    seed: bytes
    table: Table
    ends_at: datetime


@dataclass
class Owed:
    """A command that another command left to be run."""

    kind: type[Command]
    fields: dict[str, Any]
    at: datetime
    due: datetime
    attempts: int = 0
    done: bool = False
    fresh: bool = True


@dataclass
class World:
    """Everything the programme should hold."""

    versions: list[Version] = field(default_factory=list)
    withdrawn: set[int] = field(default_factory=set)
    in_force: int = 0
    rounds: dict[str, Round] = field(default_factory=dict)
    stocked: dict[str, int] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)
    members: dict[int, Member] = field(default_factory=dict)
    persons: dict[int, int] = field(default_factory=dict)
    owed: dict[int, dict[str, Owed]] = field(default_factory=lambda: defaultdict(dict))

    def version_at(self, instant: datetime) -> Version:
        """The rules in force at an instant; before all of them, the first."""
        live = [version for version in self.standing if version.since <= instant]
        return max(live, key=lambda version: (version.since, version.number)) if live else self.versions[0]

    @property
    def standing(self) -> list[Version]:
        """The versions that were not withdrawn."""
        return [version for version in self.versions if version.number not in self.withdrawn]


Learn = Callable[[Member], None]
