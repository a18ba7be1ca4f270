"""`jifen audit`: it checks every invariant on one snapshot of the live database, and names each violation."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import asyncpg

from loyalty.engine.checks import checks_of
from loyalty.engine.feature import NOW, Feature, Finding
from loyalty.engine.registry import Registry
from loyalty.engine.transactions import snapshot
from loyalty.features import FEATURES
from loyalty.ledger import chain
from loyalty.ledger.account import STORED_AS_OUTFLOW
from loyalty.programme.rules import RuleSet
from loyalty.schema import SCHEMA
from loyalty.settling import SettleClock
from models.schema import schema_problems

PAGE = 500
BUCKETS = ("available", "pending", "held", "debt")
Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """The numbers of rows that an audit checked, and the violations that it found."""

    accounts: int = 0
    entries: int = 0
    recomputed: dict[str, int] = field(default_factory=dict)
    violations: list[Finding] = field(default_factory=list)


async def audit(
    pool: asyncpg.Pool,
    now: datetime,
    progress: Progress = lambda *_: None,
    features: Iterable[Feature] = FEATURES,
) -> Report:
    """Check all invariants, calling `progress(what, done, total)` meanwhile. It only reads, while others may write."""
    report, registry = Report(), Registry(features)
    report.violations += [
        Finding("I23", None, f"{name} is missing or not as it should be")
        for name in await schema_problems(pool, SCHEMA)
    ]
    async with snapshot(pool) as connection:
        checks = checks_of(registry)
        for done, check in enumerate(checks):
            progress(check.states, done, len(checks))
            arguments = [now if one is NOW else one for one in check.arguments]
            for row in await connection.fetch(check.select, *arguments):
                report.violations.append(Finding(check.invariant, row["member_id"], row["detail"]))
        progress("statements", len(checks), len(checks))
        await _replay_entries(connection, report, progress)
        await _recompute(connection, registry, report, progress)
    return report


async def _recompute(
    connection: asyncpg.Connection, registry: Registry, report: Report, progress: Progress
) -> None:
    """I15: every rule version is as it was published. Also the features' checks that SQL cannot make."""
    rules = {}
    for row in await connection.fetch("SELECT id, digest, body::text AS body FROM rule_version"):
        rules[row["id"]] = RuleSet.model_validate_json(row["body"])
        if rules[row["id"]].digest != row["digest"]:
            report.violations.append(Finding("I15", None, f"rule version {row['id']} was changed"))
    for feature in registry.features:
        for unit, recompute in feature.recompute.items():
            count, findings = await recompute(connection, rules, partial(progress, f"recomputing {unit}"))
            report.recomputed[unit] = count
            report.violations += findings


async def _replay_entries(connection: asyncpg.Connection, report: Report, progress: Progress) -> None:
    """I4 (sums), I5 (sequence), I14 (hash chain): replay each member's entries from zero, and compare each step and the
    final state with the stored values."""
    total: int = await connection.fetchval("SELECT count(*) FROM account")
    last = 0
    while accounts := await connection.fetch(
        "SELECT * FROM account WHERE member_id > $1 ORDER BY member_id LIMIT $2", last, PAGE
    ):
        by_member = await _entries_of(connection, last, accounts[-1]["member_id"])
        for account in accounts:
            rows = by_member.get(account["member_id"], [])
            report.entries += len(rows)
            problem = replay(account, rows)
            if problem and problem[0] == "I5":  # the order of times may have been put right by an operator
                settled = await connection.fetch(SETTLEMENTS, account["member_id"])
                problem = replay(account, rows, [row["no"] for row in settled])
            if problem:
                report.violations.append(Finding(problem[0], account["member_id"], problem[1]))
        report.accounts += len(accounts)
        last = accounts[-1]["member_id"]
        progress("replaying entries", report.accounts, total)


async def _entries_of(
    connection: asyncpg.Connection, after: int, until: int
) -> dict[int, list[asyncpg.Record]]:
    rows = await connection.fetch(
        "SELECT e.*, r.scope, r.ref, r.rule_version FROM entry e"
        " LEFT JOIN receipt r ON r.member_id = e.member_id AND r.no = e.receipt_no"
        " WHERE e.member_id > $1 AND e.member_id <= $2 ORDER BY e.member_id, e.seq",
        after, until,
    )  # fmt: skip
    return {member_id: list(group) for member_id, group in groupby(rows, key=itemgetter("member_id"))}


SETTLEMENTS = f"""
SELECT no FROM receipt WHERE member_id = $1 AND scope = '{SettleClock.name}' AND accepted ORDER BY no
"""  # noqa: S608  # a name of ours


def replay(account: Any, entries: list[Any], settled: Sequence[int] = ()) -> tuple[str, str] | None:
    """The first invariant that a member's entries violate, with the detail; None if they add up to the account.

    `settled` are the numbers of the receipts that brought the account back from the future: from each of them on, entries may have
    earlier times than those before it.
    """
    before = 0
    sums = dict.fromkeys((*BUCKETS, "issued", "spent", "expired", "reversed", "adjusted", "forfeited"), 0)
    head, posted_at = chain.genesis(account["member_id"]), None
    for seq, entry in enumerate(entries, 1):
        if entry["seq"] != seq:
            return "I5", f"entry {seq} is missing"
        was_settled = any(before < no <= entry["receipt_no"] for no in settled)
        if posted_at is not None and entry["posted_at"] < posted_at and not was_settled:
            return "I5", f"entry {seq} is posted before the one ahead of it"
        posted_at, before = entry["posted_at"], entry["receipt_no"]
        for bucket, sign in ((entry["src"], -1), (entry["dst"], 1)):
            sums[bucket] += (-sign if bucket in STORED_AS_OUTFLOW else sign) * entry["amount"]
        if any(sums[bucket] != entry[bucket] for bucket in BUCKETS):
            return "I4", f"entry {seq}: the buckets after it do not follow from the entries"
        head = chain.link(head, _facts(entry))
        if head != entry["chain"]:
            return "I14", f"entry {seq}: the chain does not recompute"
    if account["seq"] != len(entries) or account["chain"] != head:
        return "I14", f"the account stands at entry {account['seq']}, {len(entries)} are there"
    if account["growth"] != sums["issued"]:
        return "I4", "the growth value is not what was earned"
    if any(total != account[bucket] for bucket, total in sums.items()):
        return "I4", "the account's sums do not follow from its entries"
    return None


def _facts(entry: Any) -> chain.EntryFacts:
    stored = {name: entry[name] for name in chain.EntryFacts._fields}
    return chain.EntryFacts(**(stored | {"detail": json.loads(entry["detail"])}))
