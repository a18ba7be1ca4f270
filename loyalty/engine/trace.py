"""The trace of a command: what its receipt must keep so that it can be decided again from the member's receipts alone.

    {"asked": {…}, "seen": {…}, "counted": [[name, period, n], …]}

`asked` has the command's own fields, `seen` what was read that no row of the member tells (the open round of a wheel, a pool
that ran short, the day of the last visit), and `counted` what was added to meters. Parts that are empty are left out, so the
trace of a sign-in is `{}`. Receipts of programs that kept no trace have NULL.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model
from typing_extensions import TypedDict

from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.decide import Inputs
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.reads import Read, SharedRead
from loyalty.engine.registry import Handling, Registry
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey

IN_RECEIPT: Final = frozenset({"member_id", "request_key", "at", "actor", "keep_refusal"})
"""Fields of a command that the receipt has columns for, or that do not matter for what it comes to."""
EMPTY: Final = "{}"
PLAIN: Final = frozenset({str, int, bool, date})
"""Types of fields that orjson writes as pydantic does."""
SHORT: Final = "short"
STATUS: Final = "status"
"""Keys in `seen`: what was left in pools that ran short, and the account's status where it is not `open`."""


def trace_of(one: DatedCommand, handling: Handling, inputs: Inputs, wallet: Wallet, outcome: Outcome) -> str:
    """The trace of a command that was just decided, as JSON."""
    parts: dict[str, Any] = {}
    if asked := _asked(one.command):
        parts["asked"] = asked
    if seen := _seen(one, handling, inputs, wallet):
        parts["seen"] = seen
    if wallet.writes.meters and isinstance(outcome, Result):
        parts["counted"] = [[*key, count] for key, count in sorted(wallet.writes.meters.items())]
    return orjson.dumps(parts).decode() if parts else EMPTY


def command_of(registry: Registry, receipt: Mapping[str, Any], asked: Mapping[str, Any]) -> Command:
    """The command that a receipt is about. Raises KeyError for an unknown command, ValueError for fields that do not fit."""
    kind = registry.commands[receipt["command"]]
    own = _fields_of(kind).model_validate_json(orjson.dumps(asked))
    values = {name: getattr(own, name) for name in type(own).model_fields}
    return kind(
        member_id=receipt["member_id"], request_key=receipt["request_key"], at=receipt["effective_at"],
        actor=receipt["actor"], **values,
    )  # fmt: skip


def counted_in(trace: Mapping[str, Any]) -> dict[MeterKey, int]:
    """Amounts that the command added to meters, by its trace."""
    return {MeterKey(name, period): count for name, period, count in trace.get("counted", ())}


def _asked(command: Command) -> dict[str, Any] | orjson.Fragment:
    """The command's own fields that differ from their defaults, as orjson can write them."""
    writer = _writer_of(type(command))
    told = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, default in writer.defaults.items()
        if (value := getattr(command, name)) != default
    }
    if PLAIN.issuperset(map(type, told.values())) and not any(map(_is_vast, told.values())):
        return told
    return orjson.Fragment(writer.shape.dump_json(told))


def _is_vast(value: Any) -> bool:
    """Whether it is an integer beyond the 64 bits that orjson writes."""
    return type(value) is int and not -(2**63) <= value < 2**64


def _seen(one: DatedCommand, handling: Handling, inputs: Inputs, wallet: Wallet) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for read in handling.noted:
        _note(seen, read, inputs.reads.get(read, read.missing))
    for shared in handling.handler.shared:
        noted = shared.note and shared.note.of(inputs.shared[shared], one.command)
        if shared.note and noted is not None:
            seen[shared.note.key] = noted
    if wallet.writes.short:
        seen[SHORT] = wallet.writes.short
    if wallet.loaded.status != "open":
        seen[STATUS] = wallet.loaded.status
    return seen


def _note(seen: dict[str, Any], read: Read[Any], value: Any) -> None:
    if read.note is not None and value != read.missing:
        seen[read.note.key] = read.note.shape.dump_python(value, mode="json")


def read_again(read: Read[Any], seen: Mapping[str, Any]) -> Any:
    """The value of a noted Read, by the trace."""
    if read.note is None or read.note.key not in seen:
        return read.missing
    return read.note.shape.validate_json(orjson.dumps(seen[read.note.key]))


def shared_again(
    read: SharedRead[Any], history: Mapping[SharedRead[Any], Any], seen: Mapping[str, Any]
) -> Any:
    """The value of a SharedRead, by the trace and by what `SharedNote.history` found."""
    if read.note is None:
        raise LookupError(f"nothing tells what {read.name} was")
    return read.note.again(history[read], seen.get(read.note.key))


class _Writer(NamedTuple):
    """How a command's own fields are written: their defaults (MISSING for none), and the shape of those that differ from them."""

    defaults: Mapping[str, Any]
    shape: TypeAdapter[Any]


@cache
def _writer_of(kind: type[Command]) -> _Writer:
    """A dictionary is written several times faster than a model, which would first compute all defaults. Bytes are given as hex."""
    hints = get_type_hints(kind)
    defaults = {one.name: one.default for one in fields(kind) if one.name not in IN_RECEIPT}
    make: Any = TypedDict  # mypy knows only names that are written out
    own = {name: str if hints[name] is bytes else hints[name] for name in defaults}
    shape = make(kind.__name__, own, total=False)
    return _Writer(defaults, TypeAdapter(shape))


@cache
def _fields_of(kind: type[Command]) -> type[BaseModel]:
    """The command's own fields as a model; a field that is absent has its default."""
    hints = get_type_hints(kind)
    own: dict[str, Any] = {
        one.name: (hints[one.name], ... if one.default is MISSING else one.default)
        for one in fields(kind)
        if one.name not in IN_RECEIPT
    }
    strict = ConfigDict(val_json_bytes="hex", extra="forbid")
    return create_model(kind.__name__, __config__=strict, **own)
