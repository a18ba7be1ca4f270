"""A member's account and lots kept in memory from command to command, as the database keeps them, and what must hold of them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.decide import Inputs, decide
from loyalty.engine.outcomes import Outcome
from loyalty.engine.pools import Pools
from loyalty.engine.reads import Read, SharedRead
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from loyalty.ledger import chain
from loyalty.ledger.account import Account
from loyalty.ledger.calendar import AT_ONCE, NEVER, business_day, day_start
from loyalty.ledger.lots import Lot, LotKey
from loyalty.ledger.replay import replay
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import Entry, MeterKey
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.rules import RuleSet
from tests.ledger import START, ZONE

TODAY = date(2026, 3, 2)
MEMBER = 7


def fresh_account(member_id: int = MEMBER) -> Account:
    """An account on which nothing has happened."""
    sums = dict.fromkeys(
        ("available", "pending", "held", "debt", "issued", "spent", "expired", "reversed", "adjusted", "forfeited", "growth"), 0
    )  # fmt: skip
    return Account(
        member_id, 0, 0, chain.genesis(member_id), "open", posted_at=datetime(2020, 1, 1, tzinfo=UTC), **sums
    )


def key(expires_on: date = NEVER, opens_on: date = AT_ONCE) -> LotKey:
    """A lot's key under the ordinary terms."""
    return LotKey(expires_on, opens_on, 0)


def lot(remaining: int, expires_on: date = NEVER, opens_on: date = AT_ONCE, *, opened: bool = True) -> Lot:
    """A lot of which nothing has been used."""
    return Lot(key(expires_on, opens_on), opened, granted=remaining, remaining=remaining)


def wallet_of(
    *lots: Lot, today: date = TODAY, meters: Mapping[MeterKey, int] | None = None, member_id: int = MEMBER
) -> Wallet:
    """A wallet that holds these lots and nothing else."""
    account = fresh_account(member_id)
    account.available = sum(one.remaining for one in lots if one.opened)
    account.pending = sum(one.remaining for one in lots if not one.opened)
    account.issued = account.available + account.pending
    wallet = Wallet(account, lots, posted_at=noon(today), today=today, meters=meters)
    wallet.open_receipt("test", "1", 1)
    return wallet


def noon(day: date) -> datetime:
    """The middle of a business day."""
    return day_start(day, ZONE) + timedelta(hours=12)


def live(rules: RuleSet) -> LiveRules:
    """The rule set as version 1."""
    return LiveRules(1, rules, ZONE)


REGISTRY = Registry(FEATURES)


def decided(
    command: Command,
    wallet: Wallet,
    rules: RuleSet,
    reads: Mapping[Read[Any], Any] | None = None,
    shared: Mapping[SharedRead[Any], Any] | None = None,
    pools: Pools | None = None,
) -> Outcome:
    """What the engine decides for `command` in memory; a Read that is not given finds nothing."""
    handling = REGISTRY.handling[type(command)]
    known = {read: read.missing for read in handling.reads} | dict(reads or {})
    day = business_day(command.at, ZONE)
    dated = DatedCommand(command, command.at, day, *command.fact(day))
    return decide(wallet, dated, handling, live(rules), Inputs(known, shared or {}, pools or Pools({}, {})))


@dataclass
class Purse:
    """What the database would hold of one member."""

    account: Account = field(default_factory=fresh_account)
    lots: dict[LotKey, Lot] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    day: date = TODAY

    def open(self) -> Wallet:
        """A wallet for the next command, with what opened or lapsed booked."""
        lots = [replace(one) for one in self.lots.values()]
        wallet = Wallet(replace(self.account), lots, posted_at=noon(self.day), today=self.day)
        wallet.open_receipt("test", str(wallet.receipt_no), 1)
        wallet.book()
        return wallet

    def keep(self, wallet: Wallet) -> None:
        """Store what the command wrote: the account, and of the lots only the changed ones."""
        self.account = replace(wallet.account, version=wallet.receipt_no, posted_at=wallet.posted_at)
        self.lots |= {one.key: one for one, _ in wallet.changed_lots()}
        self.entries += wallet.writes.entries


def promise(wallet: Wallet, points: int, opens_on: date, expires_on: date) -> None:
    """Points that open later, as a purchase with a waiting time will grant them."""
    one = wallet.lots.setdefault(key(expires_on, opens_on), Lot(key(expires_on, opens_on), opened=False))
    one.granted += points
    one.remaining += points
    wallet.account.growth += points
    wallet.move("issued", "pending", points, "promised", {}, expires_on)


def owe(wallet: Wallet, points: int) -> None:
    """A debt, as a refund that finds too few points will leave it."""
    wallet.move("debt", "reversed", points, "refund", {}, None)


def holds(purse: Purse) -> None:
    """Assert I1, I2, I3 and that the entries lead to the account."""
    account = purse.account
    sums = {name: value for name, value in asdict(account).items() if isinstance(value, int)}
    assert min(value for name, value in sums.items() if name != "adjusted") >= 0
    assert account.available + account.pending + account.held - account.debt == (
        account.issued
        - account.spent
        - account.expired
        - account.reversed
        - account.forfeited
        + account.adjusted
    )
    assert account.debt == 0 or account.available == 0
    lots = list(purse.lots.values())
    for one in lots:
        parts = (
            one.remaining,
            one.held,
            one.spent,
            one.expired,
            one.reversed,
            one.offset_debt,
            one.forfeited,
        )
        assert min(parts) >= 0
        assert one.granted == sum(parts)
    assert sum(one.remaining for one in lots if one.opened) == account.available
    assert sum(one.remaining for one in lots if not one.opened) == account.pending
    assert sum(one.held for one in lots) == account.held
    assert replay(account, [as_row(entry) for entry in purse.entries]) is None


def as_row(entry: Entry) -> dict[str, Any]:
    """An entry as the audit reads it from the database."""
    facts = entry.facts._asdict()
    return facts | {"detail": json.dumps(facts["detail"]), "chain": entry.link}


def story(entries: Iterable[Entry]) -> list[tuple[str, str, int]]:
    """From, to and amount of each entry."""
    return [(entry.facts.src, entry.facts.dst, entry.facts.amount) for entry in entries]


AT = START
"""The instant the commands of a table speak of."""
