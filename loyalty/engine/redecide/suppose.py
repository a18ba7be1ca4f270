"""What would have become of a member under other rules: a candidate decides their receipts again, on what came of those before.

The member is supposed to have asked for the same things at the same times, whatever they would have cost or paid. What was refused
then stays refused, because not every refusal is stored. What a command owes to its own member is what it owes under the candidate.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from loyalty.engine.command import ENGINE
from loyalty.engine.follow_ups import follow_up_key
from loyalty.engine.outcomes import Result
from loyalty.engine.past import Past
from loyalty.engine.redecide.opening import first_traced, opening
from loyalty.engine.redecide.replay import leave_out
from loyalty.engine.redecide.step import Asked, Step, World, asked_by, take
from loyalty.engine.redecide.stored import StoredMember
from loyalty.engine.rules import InForce
from loyalty.ledger.account import Account
from loyalty.ledger.calendar import business_day
from loyalty.ledger.writes import FollowUp

NEVER_OWED_THEN: Final = 10**12
"""Receipts that only the candidate owes have numbers from here on, so that all others keep theirs."""
Flows = Counter[str]
"""Points that went into each bucket, less those that left it."""


@dataclass
class Supposed:
    """One member then, by the ledger, and now, by the candidate, from the first receipt up to the present.

    `held` are points that can or will be spent, less debt. `forgone` is what was paid then for things that would be refused now,
    whose codes are in `refused`. `for_others` are follow-ups of other members, by request key. `stopped` names why the member could
    not be decided by the candidate, if so.
    """

    member_id: int
    decided: int = 0
    untraced: int = 0
    then: Flows = field(default_factory=Counter)
    now: Flows = field(default_factory=Counter)
    held_then: int = 0
    held_now: int = 0
    forgone: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    for_others: list[FollowUp] = field(default_factory=list)
    stopped: str | None = None

    @property
    def gain(self) -> int:
        """How many points the member is better off by; what is refused now is worth what was paid for it then."""
        return self.held_now - self.held_then - self.forgone

    @property
    def differs(self) -> bool:
        """Whether any point went another way."""
        return bool(self.refused) or any(
            self.then[bucket] != self.now[bucket] for bucket in {*self.then, *self.now}
        )


def suppose_member(
    stored: StoredMember, world: World, candidate: InForce | None, until: datetime
) -> Supposed:
    """Decide the member's receipts by the candidate (None: each by the rules of its time), and book what is due by `until`."""
    untraced = first_traced(stored.receipts)
    leave_out(stored, untraced)
    then = Past(stored.account, dict(stored.lots))
    run = _Run(stored, world, candidate)
    found = Supposed(stored.member_id, untraced=untraced, then=_flows(stored.entries))
    found.held_then = _book(then, until, world, found.then)
    try:
        for receipt in stored.receipts:
            run.receipt(receipt, found)
        found.held_now = _book(run.past, until, world, found.now)
    except Exception as error:  # noqa: BLE001  # under other rules a past may lead where no command was meant to be given
        return Supposed(stored.member_id, untraced=untraced, stopped=type(error).__name__)
    return found


class _Run:
    """The past that goes on under the candidate, and what it owes to the member."""

    def __init__(self, stored: StoredMember, world: World, candidate: InForce | None) -> None:
        self.past = opening(stored, world.registry.updates, world.zone)
        self._stored, self._world, self._candidate = stored, world, candidate
        self._first_no = stored.first_no
        self._owed: dict[str, FollowUp] = {}
        self._paid: Counter[int] = Counter()
        self._next_new = NEVER_OWED_THEN
        for entry in stored.entries:
            self._paid[entry["receipt_no"]] += _flow(entry, "spent")

    def receipt(self, receipt: Mapping[str, Any], found: Supposed) -> None:
        """Go on by one receipt."""
        self.past.account.version = receipt["no"] - 1
        asked = self._asked(receipt)
        if asked is None or not (receipt["accepted"] or receipt["actor"] == ENGINE):
            return
        taken = self._take(asked, receipt["rule_version"], found)
        if receipt["accepted"] and not isinstance(taken.outcome, Result):
            found.refused[taken.outcome.code] += 1
            found.forgone += max(self._paid[receipt["no"]], 0)

    def _asked(self, receipt: Mapping[str, Any]) -> Asked | None:
        """The command of a receipt; None for one that the candidate does not owe."""
        asked = asked_by(receipt, self._world)
        if receipt["actor"] != ENGINE:
            return asked
        key, name = receipt["request_key"], receipt["command"]
        if (owed := self._owed.pop(key, None)) is not None:
            command = self._world.registry.command_of(owed, asked.command.member_id, asked.command.at)
            return asked._replace(command=command)
        if name in self._world.reactions and _caused_by(key, name) >= self._first_no:
            return None
        return asked

    def _take(self, asked: Asked, version: int, found: Supposed) -> Step:
        live = self._candidate or self._world.rules[version]
        taken = take(self.past, asked, self._world, live, supposing=self._candidate is not None)
        found.decided += 1
        if isinstance(taken.outcome, Result):
            for entry in taken.wallet.writes.entries:
                found.now.update(_moved(entry.facts.src, entry.facts.dst, entry.facts.amount))
            self._owe(taken, version, found)
        return taken

    def _owe(self, taken: Step, version: int, found: Supposed) -> None:
        """Keep what a command owes until its receipt comes; what nobody owed then runs at once."""
        for one in taken.wallet.writes.follow_ups:
            if one.member_id != self._stored.member_id:
                found.for_others.append(one)
            elif one.request_key in self._stored.follow_ups:
                self._owed[one.request_key] = one
            else:
                self._run_new(one, taken, version, found)

    def _run_new(self, owed: FollowUp, cause: Step, version: int, found: Supposed) -> None:
        before, self.past.account.version = self.past.account.version, self._next_new
        self._next_new += 1
        command = self._world.registry.command_of(owed, self._stored.member_id, cause.dated.at)
        self._take(Asked(command, cause.wallet.posted_at, {}), version, found)
        self.past.account.version = before


def _caused_by(key: str, command: str) -> int:
    """The number of the member's own receipt that owes a follow-up, by its request key; 0 for a key of another form."""
    number = key.removeprefix(follow_up_key(command, 0).removesuffix("0"))
    return int(number) if number.isdecimal() else 0


def _book(past: Past, until: datetime, world: World, flows: Flows) -> int:
    """Book what has opened or lapsed by `until`; the points that are held then."""
    wallet = past.wallet(until, business_day(until, world.zone), {})
    wallet.book()
    for entry in wallet.writes.entries:
        flows.update(_moved(entry.facts.src, entry.facts.dst, entry.facts.amount))
    return held(wallet.account)


def held(account: Account) -> int:
    """The points that a member can or will be able to spend, less what they owe."""
    return account.available + account.pending + account.held - account.debt


def _flows(entries: Iterable[Mapping[str, Any]]) -> Flows:
    flows: Flows = Counter()
    for entry in entries:
        flows.update(_moved(entry["src"], entry["dst"], entry["amount"]))
    return flows


def _moved(src: str, dst: str, amount: int) -> dict[str, int]:
    return {src: -amount, dst: amount}


def _flow(entry: Mapping[str, Any], bucket: str) -> int:
    into: int = (entry["dst"] == bucket) - (entry["src"] == bucket)
    return int(entry["amount"]) * into
