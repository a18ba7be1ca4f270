"""One member's life as the engine itself would have written it: the pattern that `data` prints a million times."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from loyalty import chain
from loyalty.commands import CheckIn, Command, Draw, Welcome
from loyalty.decide import decide
from loyalty.facts import CheckInFact, Entry, Memories
from loyalty.live import LiveRules
from loyalty.lots import Lot
from loyalty.outcomes import Outcome
from loyalty.rules import RuleSet
from loyalty.stock import Round, Stock, prize_item
from loyalty.wallet import Account, Wallet

CHECK_INS = 3
"""Days in a row that end with the last one; with the welcome and the bonus of the third day they make five entries."""

OPENS = time(8)
"""When the first member of a day comes."""


@dataclass(frozen=True)
class Step:
    """One command of the life: what was decided and everything it wrote. Its rows' member is 1, to be replaced."""

    command: Command
    outcome: Outcome
    wallet: Wallet
    at: datetime

    @property
    def entries(self) -> list[Entry]:
        """The entries with their facts."""
        return self.wallet.writes.entries


@dataclass(frozen=True)
class Template:
    """A life: its steps in order and what the account and the lots look like after them."""

    joined_at: datetime
    last_day: date
    steps: tuple[Step, ...]
    account: Account
    lots: tuple[Lot, ...]
    memories: Memories

    def next(self, live: LiveRules, command: Command, stock: Stock, at: datetime) -> Step:
        """What `command` at `at` would come to after this life; the life itself stays as it is."""
        return _step(self.account, self.lots, self.memories, live, command, stock, at)


def life(rules: RuleSet, zone: ZoneInfo, last_day: date) -> Template:
    """A member who joined, was welcomed and signed in on each of the days that end with `last_day`."""
    live = LiveRules(1, rules, zone)
    days = [last_day - timedelta(days=ago) for ago in reversed(range(CHECK_INS))]
    joined_at = datetime.combine(days[0], OPENS, zone)
    account = Account(1, 0, 0, chain.genesis(1), "open", *(0,) * 11, joined_at)
    commands: list[Command] = [
        Welcome(member_id=1, request_key="engine:welcome", at=joined_at, actor="engine")
    ]
    commands += [
        CheckIn(member_id=1, request_key=f"oa:{day}", at=datetime.combine(day, OPENS, zone)) for day in days
    ]
    steps: list[Step] = []
    lots: tuple[Lot, ...] = ()
    memories = Memories()
    for command in commands:
        step = _step(account, lots, memories, live, command, Stock({}, {}), command.at)
        account = replace(step.wallet.account, version=step.wallet.receipt_no, posted_at=step.at)
        lots = tuple(step.wallet.lots.values())
        for day, streak, points in step.wallet.writes.check_ins:
            memories = replace(memories, last_check_in=CheckInFact(day, streak, points))
        steps.append(step)
    return Template(joined_at, last_day, tuple(steps), account, lots, memories)


def sign_in(lived: Template, rules: RuleSet, zone: ZoneInfo, at: datetime) -> Step:
    """The sign-in of `at`: what the baseline writes statement by statement."""
    command = CheckIn(member_id=1, request_key="oa:now", at=at)
    return lived.next(LiveRules(1, rules, zone), command, Stock({}, {}), at)


def draw(lived: Template, rules: RuleSet, zone: ZoneInfo, at: datetime, wheel: str) -> Step:
    """A draw on a wheel whose every prize is still there."""
    live = LiveRules(1, rules, zone)
    left = {prize_item(one.id, prize.id): prize.stock or 0 for one in rules.wheels for prize in one.prizes}
    stock = Stock(left, {one.id: Round(1, bytes(32), one.odds_version) for one in rules.wheels})
    command = Draw(member_id=1, request_key="api:now", at=at, wheel=wheel)
    return lived.next(live, command, stock, at)


def _step(
    account: Account,
    lots: tuple[Lot, ...],
    memories: Memories,
    live: LiveRules,
    command: Command,
    stock: Stock,
    at: datetime,
) -> Step:
    wallet = Wallet(
        replace(account), [replace(lot) for lot in lots], memories, posted_at=at, today=live.day(at)
    )
    return Step(command, decide(wallet, command, live, stock, at), wallet, at)


def row_of(kind: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass (Account, Lot) by name."""
    return {name: getattr(kind, name) for name in kind.__dataclass_fields__}
