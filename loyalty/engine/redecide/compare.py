"""Comparison of newly decided rows with stored ones. Findings name columns and numbers, no texts: one may be a voucher code."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import orjson

from loyalty.engine.follow_ups import follow_up_key
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.past import Past, row_key
from loyalty.engine.redecide.step import Step
from loyalty.engine.redecide.stored import StoredMember
from loyalty.engine.registry import facts_of
from loyalty.engine.trace import SHORT, counted_in
from loyalty.ledger.account import Account
from loyalty.ledger.lots import QUANTITIES
from loyalty.ledger.writes import Entry

_BY_STATUS: Final = {"status", "merged_into", "halves"}
"""Columns of the account that no receipt's opening tells; the checks of merging compare them with `merged_half`."""
_ACCOUNT: Final = tuple(name for name in Account.__dataclass_fields__ if name not in _BY_STATUS)
_MISSING: Final[Mapping[str, Any]] = {}


def receipt_problem(receipt: Mapping[str, Any], taken: Step, entries: list[Any]) -> str | None:
    """How a receipt, with its stored entries, differs from what its command comes to; None if it does not."""
    one, outcome, wallet = taken
    trace, accepted = orjson.loads(receipt["trace"]), isinstance(outcome, Result)
    if (receipt["scope"], receipt["ref"]) != (one.scope, one.ref):
        return f"its fact is {one.scope} {one.ref}"
    if receipt["request_hash"] != one.command.fingerprint:
        return "the request's hash is not that of its command"
    if (receipt["accepted"], receipt["code"]) != (accepted, outcome.code):
        return f"it comes to {outcome.code}, the receipt says {receipt['code']}"
    if entry := _differing_entry(wallet.writes.entries if accepted else [], entries):
        return entry
    if fact := _differing_fact(outcome, receipt["facts"]):
        return f"its fact {fact} comes to another value"
    if counted_in(trace) != (dict(wallet.writes.meters) if accepted else {}):
        return "it counts otherwise in the meters"
    if trace.get("seen", {}).get(SHORT, {}) != wallet.writes.short:
        return "it is not short of what the receipt says"
    return None


def _differing_fact(outcome: Outcome, stored: str) -> str | None:
    """Facts that a later program added are absent from older receipts; those have defaults."""
    facts, found = orjson.loads(facts_of(outcome)), orjson.loads(stored)
    if not isinstance(found, dict):
        return "(all)"
    added = {name for name in facts if name not in found and hasattr(type(outcome), name)}
    names = sorted({*facts, *found} - added)
    return next((name for name in names if facts.get(name) != found.get(name)), None)


def _differing_entry(again: list[Entry], stored: list[Any]) -> str | None:
    for entry, row in zip(again, stored, strict=False):
        if entry.link != row["chain"]:
            return (
                f"entry {row['seq']} comes to {entry.facts.amount} points ({entry.facts.reason}),"
                f" {row['amount']} ({row['reason']}) are stored"
            )
    if len(again) != len(stored):
        return f"it comes to {len(again)} entries, {len(stored)} are stored"
    return None


def state_problems(past: Past, stored: StoredMember, steps: list[Step], no: int) -> Iterator[str]:
    """How the member's present rows differ from what the receipts since `no` lead to."""
    if steps:
        account = {name: getattr(past.account, name) for name in _ACCOUNT}
        yield from _columns("account", account, {name: getattr(stored.account, name) for name in _ACCOUNT})
    lots = {key: dict(zip(QUANTITIES, lot.quantities, strict=True)) for key, lot in past.lots.items()}
    found = {key: dict(zip(QUANTITIES, lot.quantities, strict=True)) for key, lot in stored.lots.items()}
    yield from _rows("lot", lots, found)
    yield from _values("lot use", past.lot_uses, stored.lot_uses)
    yield from _values("meter", past.meters, stored.meters)
    for table in {*past.rows, *stored.rows}:
        kept = {row_key(table, row): _own(row) for row in stored.rows.get(table, ())}
        yield from _rows(table.name, past.rows.get(table, _MISSING), kept)
    yield from _notices(stored, steps, no)


def _notices(stored: StoredMember, steps: list[Step], no: int) -> Iterator[str]:
    again = {
        (kind, key): {
            "receipt_no": one.wallet.receipt_no,
            "payload": _json(payload),
            "created_at": one.wallet.posted_at,
        }
        for one in steps
        if isinstance(one.outcome, Result)
        for kind, key, payload, _ in one.wallet.writes.notices
    }
    found = {
        (row["kind"], row["key"]): {
            "receipt_no": row["receipt_no"], "payload": orjson.loads(row["payload"]), "created_at": row["created_at"],
        }
        for row in stored.notices
        if row["receipt_no"] >= no
    }  # fmt: skip
    yield from _rows("notice", again, found)


def follow_up_problems(
    stored: StoredMember, steps: list[Step], reactions: set[str], no: int
) -> Iterator[str]:
    """How the follow-ups that the member's own commands owe to the member differ from the stored rows.

    `reactions` are the names of commands that reactions owe. Their request keys end with the number of the receipt that owes them.
    """
    owed = {
        one.request_key: {
            "command": one.command,
            "payload": _json(one.payload),
            "effective_at": taken.dated.at,
        }
        for taken in steps
        if isinstance(taken.outcome, Result)
        for one in taken.wallet.writes.follow_ups
        if one.member_id == stored.member_id
    }
    found = {
        key: {
            "command": row["command"],
            "payload": orjson.loads(row["payload"]),
            "effective_at": row["effective_at"],
        }
        for key, row in stored.follow_ups.items()
        if key in owed or (row["command"] in reactions and _owing_receipt(key, row["command"]) >= no)
    }
    yield from _rows("follow-up", owed, found)


def _rows(
    what: str, again: Mapping[Any, Mapping[str, Any]], found: Mapping[Any, Mapping[str, Any]]
) -> Iterator[str]:
    for key in sorted({*again, *found}, key=repr):
        name = f"{what} {_name(key)}".rstrip()
        if key not in found:
            yield f"{name} is missing"
        elif key not in again:
            yield f"{name} comes from no receipt"
        else:
            yield from _columns(name, again[key], found[key])


def _columns(name: str, again: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    differing = [column for column in again if again[column] != found.get(column)]
    if differing:
        told = [
            f"{column} comes to {_value(again[column])}, not {_value(found.get(column))}"
            for column in differing
        ]
        yield f"{name}: {'; '.join(told)}"


def _values(what: str, again: Mapping[Any, int], found: Mapping[Any, int]) -> Iterator[str]:
    for key in sorted({*again, *found}, key=repr):
        if again.get(key, 0) != found.get(key, 0):
            yield f"{what} {_name(key)} comes to {again.get(key, 0)}, not {found.get(key, 0)}"


def _owing_receipt(request_key: str, command: str) -> int:
    """The number of the receipt to whose result a reaction owes this command; 0 for a key of another form."""
    number = request_key.removeprefix(follow_up_key(command, 0).removesuffix("0"))
    return int(number) if number.isdecimal() else 0


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "member_id"}


def _json(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value))


def _name(key: Any) -> str:
    return (
        "-".join(_name(part) if isinstance(part, tuple) else _value(part) for part in key)
        if isinstance(key, tuple)
        else ""
    )


def _value(value: Any) -> str:
    return str(value) if value is None or isinstance(value, int | date) else "…"
