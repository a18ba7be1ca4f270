"""One member's history as the engine itself would have written it: the template that `data` copies to all members."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bench.messages import AMOUNT_FEN
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.rows import CHECK_INS, LAST_CHECK_IN, CheckInRow
from loyalty.earning.commands import RecordEvent, event_request_key
from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.decide import Inputs, decide
from loyalty.engine.outcomes import Outcome
from loyalty.engine.pools import Pools
from loyalty.engine.reads import Read, SharedRead
from loyalty.engine.registry import Registry
from loyalty.engine.trace import trace_of
from loyalty.features import FEATURES
from loyalty.games.commands import Draw
from loyalty.games.rows import OPEN_ROUNDS, Round
from loyalty.games.rule import prize_pool
from loyalty.imports.commands import ImportBalance
from loyalty.ledger import chain
from loyalty.ledger.account import Account
from loyalty.ledger.lots import Lot
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import Entry
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.rules import RuleSet
from loyalty.welcome import Welcome

REGISTRY: Final = Registry(FEATURES)
DAYS_IN_A_ROW = 3
"""Sign-ins in a row up to the last day; with the welcome and the bonus of the third day they make five entries."""

OPENS = time(8)
"""The time of day of the first member's visit."""


@dataclass(frozen=True)
class Step:
    """One command of the history, with its outcome and everything it wrote. The member in its rows is 1, to be replaced."""

    command: Command
    outcome: Outcome
    wallet: Wallet
    at: datetime
    trace: str

    @property
    def entries(self) -> list[Entry]:
        """The entries with their facts."""
        return self.wallet.writes.entries


@dataclass(frozen=True)
class Template:
    """A history: its steps in order, and the account and lots after them."""

    joined_at: datetime
    last_day: date
    steps: tuple[Step, ...]
    account: Account
    lots: tuple[Lot, ...]
    last_check_in: CheckInRow | None

    def next(
        self,
        live: LiveRules,
        command: Command,
        *,
        shared: Mapping[SharedRead[Any], Any] | None = None,
        left: Mapping[str, int] | None = None,
    ) -> Step:
        """The step that `command` would be after this history, which does not change.

        `shared` are the rows that belong to no member, `left` is what the pools hold.
        """
        known: dict[Read[Any], Any] = {LAST_CHECK_IN: self.last_check_in}
        return _step(self.account, self.lots, known, live, command, shared or {}, Pools(left or {}, {}))


def life(rules: RuleSet, zone: ZoneInfo, last_day: date) -> Template:
    """A member who joined, was welcomed and signed in on each of the days that end with `last_day`."""
    live = LiveRules(1, rules, zone)
    days = [last_day - timedelta(days=ago) for ago in reversed(range(DAYS_IN_A_ROW))]
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
    last: CheckInRow | None = None
    for command in commands:
        step = _step(account, lots, {LAST_CHECK_IN: last}, live, command, {}, Pools({}, {}))
        account = replace(step.wallet.account, version=step.wallet.receipt_no, posted_at=step.at)
        lots = tuple(step.wallet.lots.values())
        last = next(iter(step.wallet.writes.of(CHECK_INS)), last)
        steps.append(step)
    return Template(joined_at, last_day, tuple(steps), account, lots, last)


def sign_in(history: Template, rules: RuleSet, zone: ZoneInfo, at: datetime) -> Step:
    """The sign-in at `at`, which the baseline writes statement by statement."""
    command = CheckIn(member_id=1, request_key="oa:now", at=at)
    return history.next(LiveRules(1, rules, zone), command)


def import_line(history: Template, rules: RuleSet, zone: ZoneInfo, at: datetime) -> Step:
    """The import of one line of balances, at `at`."""
    command = ImportBalance(
        member_id=1, request_key="import:now", at=at, actor="operator", file="f" * 64, line=1, points=50,
        expires_on=date(2100, 1, 1),
    )  # fmt: skip
    return history.next(LiveRules(1, rules, zone), command)


def draw(history: Template, rules: RuleSet, zone: ZoneInfo, at: datetime, wheel: str) -> Step:
    """A draw on a wheel with all of its stock."""
    live = LiveRules(1, rules, zone)
    left = {prize_pool(one.id, prize.id): prize.stock or 0 for one in rules.wheels for prize in one.prizes}
    rounds = {one.id: Round(1, bytes(32), one.odds_version) for one in rules.wheels}
    command = Draw(member_id=1, request_key="api:now", at=at, wheel=wheel)
    return history.next(live, command, shared={OPEN_ROUNDS: rounds}, left=left)


def purchase(history: Template, rules: RuleSet, zone: ZoneInfo, at: datetime) -> Step:
    """A purchase that a till reports at `at`."""
    number = "f" * 32
    command = RecordEvent(
        member_id=1, request_key=event_request_key("name:bench", number), at=at, source="name:bench", event=number, kind="purchase",
        amount_fen=AMOUNT_FEN, order=number, channel="pos",
    )  # fmt: skip
    return history.next(LiveRules(1, rules, zone), command)


def _step(
    account: Account,
    lots: tuple[Lot, ...],
    known: Mapping[Read[Any], Any],
    live: LiveRules,
    command: Command,
    shared: Mapping[SharedRead[Any], Any],
    pools: Pools,
) -> Step:
    at, day = command.at, live.day(command.at)
    handling = REGISTRY.handling[type(command)]
    dated = DatedCommand(command, at, day, *command.fact(day))
    meters = dict.fromkeys(handling.meters_of(dated, live.rules))
    wallet = Wallet(replace(account), [replace(lot) for lot in lots], posted_at=at, today=day, meters=meters)
    reads = {read: known.get(read, read.missing) for read in handling.reads}
    inputs = Inputs(reads, shared, pools)
    outcome = decide(wallet, dated, handling, live, inputs)
    return Step(command, outcome, wallet, at, trace_of(dated, handling, inputs, wallet, outcome))


def row_of(kind: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass (Account, Lot) by name."""
    return {name: getattr(kind, name) for name in kind.__dataclass_fields__}
