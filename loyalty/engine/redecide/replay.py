"""The replay of one member: every receipt that has a trace is decided again, in order, and all that it wrote is compared."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import asyncpg
import orjson

from loyalty.engine.auditing import Finding
from loyalty.engine.command import ENGINE
from loyalty.engine.outcomes import Result
from loyalty.engine.past import Past
from loyalty.engine.redecide.compare import follow_up_problems, receipt_problem, state_problems
from loyalty.engine.redecide.opening import first_traced, opening
from loyalty.engine.redecide.step import Step, World, step
from loyalty.engine.redecide.stored import StoredMember
from loyalty.engine.registry import Registry
from loyalty.engine.rules import SharedRowSealed
from loyalty.engine.trace import command_of
from loyalty.ledger.writes import FollowUp

INVARIANT: Final = "I15"
LATER_AT_MOST: Final = timedelta(minutes=10)
"""A follow-up takes effect at the instant that its row has, or when it is decided, if the clock of that process is behind."""


class Replayed(NamedTuple):
    """Of one member: receipts decided again and those without a trace, the findings, and what their commands owe to others."""

    decided: int
    untraced: int
    findings: list[Finding]
    owed: list[tuple[FollowUp, datetime]]


def replay_member(stored: StoredMember, world: World) -> Replayed:
    """Decide the member's receipts again. After the first that comes to something else nothing more is compared."""
    untraced = first_traced(stored.receipts)
    leave_out(stored, untraced)
    steps: list[Step] = []
    try:
        problems = list(_problems(stored, world, steps))
    except (
        SharedRowSealed
    ):  # what follows can be compared once the row is open, such as the seed of a round that is over
        problems = []
        untraced += len(stored.receipts) - len(steps)
    except Exception as error:  # noqa: BLE001  # whatever edited rows make it raise is what the audit is to report
        problems = [f"receipt {stored.first_no + len(steps)} cannot be decided again: {type(error).__name__}"]
    owed = [
        (one, taken.dated.at)
        for taken in steps
        if isinstance(taken.outcome, Result)
        for one in taken.wallet.writes.follow_ups
        if one.member_id != stored.member_id
    ]
    findings = [Finding(INVARIANT, stored.member_id, problem) for problem in problems]
    return Replayed(len(steps), untraced, findings, owed)


def _problems(stored: StoredMember, world: World, steps: list[Step]) -> Iterator[str]:
    """Faults of the member; fills `steps`."""
    no = stored.first_no
    past = opening(stored, world.registry.updates, world.zone)
    entries = _by_receipt(stored.entries)
    for receipt in stored.receipts:
        problem = _receipt_problem(past, receipt, entries[receipt["no"]], stored, world, steps)
        if problem is not None:
            yield f"receipt {receipt['no']}: {problem}"
            return
    yield from state_problems(past, stored, steps, no)
    yield from follow_up_problems(stored, steps, world.reactions, no)


def _receipt_problem(
    past: Past,
    receipt: asyncpg.Record,
    entries: list[asyncpg.Record],
    stored: StoredMember,
    world: World,
    steps: list[Step],
) -> str | None:
    if receipt["no"] != past.account.version + 1:
        return "the receipt ahead of it is missing"
    if receipt["posted_at"] < past.account.posted_at and not _settles_clock(receipt, world):
        return "it is posted before the one ahead of it"
    if (receipt["actor"] == ENGINE) != receipt["request_key"].startswith(f"{ENGINE}:"):
        return f"its actor is {receipt['actor']}"
    if receipt["actor"] == ENGINE and not _is_owed(receipt, stored, world.registry):
        return "no follow-up owes it"
    live, version = world.rules.get(receipt["rule_version"]), receipt["rule_version"]
    if live is None or not world.governs(version, receipt["effective_at"], receipt["posted_at"]):
        return f"rule version {version} did not govern it"
    taken = step(past, receipt, world, live)
    steps.append(taken)
    return receipt_problem(receipt, taken, entries)


def _settles_clock(receipt: asyncpg.Record, world: World) -> bool:
    command = world.registry.commands.get(receipt["command"])
    return command is not None and world.registry.handling[command].handler.settles_clock


def _is_owed(receipt: asyncpg.Record, stored: StoredMember, registry: Registry) -> bool:
    key = receipt["request_key"]
    row = stored.follow_ups.get(key) or stored.sent_on.get(key)
    if row is None or row["command"] != receipt["command"]:
        return False
    if abs(row["effective_at"] - receipt["effective_at"]) > LATER_AT_MOST:
        return False
    asked = orjson.loads(receipt["trace"]).get("asked", {})
    owed = command_of(registry, receipt, orjson.loads(row["payload"]))
    return command_of(registry, receipt, asked) == owed


def leave_out(stored: StoredMember, untraced: int) -> None:
    """Leave out the first receipts, which have no trace, and their entries."""
    accepted = [one["posted_at"] for one in stored.receipts[:untraced] if one["accepted"]]
    if accepted:
        stored.accepted_before = accepted[-1]
    stored.receipts = stored.receipts[untraced:]
    older = [entry for entry in stored.entries if entry["receipt_no"] < stored.first_no]
    if older:
        stored.before, stored.entries = older[-1], stored.entries[len(older) :]


def _by_receipt(entries: list[asyncpg.Record]) -> defaultdict[int, list[asyncpg.Record]]:
    found: defaultdict[int, list[asyncpg.Record]] = defaultdict(list)
    for entry in entries:
        found[entry["receipt_no"]].append(entry)
    return found
