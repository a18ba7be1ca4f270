"""Faults of a rule set: where each is, and the Chinese sentence that tells the operator what to write instead."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, TypeAlias

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

MOST_NAMED: Final = 12
"""A sentence names at most so many of the words that are known."""

Where: TypeAlias = tuple[str | int, ...]
"""Keys and places of a value, from the outside in: `("wheels", 0, "prizes", 2, "odds_ppm")`."""

STORED: Final[Mapping[str, object]] = {"stored": True}
"""The validation context for a rule set from the database: an older program may have accepted what `OfDrafts` refuses today."""


class Fault(NamedTuple):
    """One thing to correct. `where` is relative to the value that the raising validator checks."""

    where: Where
    sentence: str


class RuleFaults(ValueError):
    """The faults that one validator found. A validator of rules raises nothing else, so that each fault keeps its own place."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("；".join(fault.sentence for fault in faults))
        self.faults = faults


def refuse(faults: list[Fault]) -> None:
    """Raise RuleFaults if there are any."""
    if faults:
        raise RuleFaults(*faults)


@dataclass(frozen=True)
class OfDrafts:
    """A check for `Annotated` types that drafts must pass; it returns the faults of a value.

    Versions that are stored already are not checked, because they must stay readable. `bound` says the same in the field reference.
    """

    check: Callable[[Any], list[Fault]]
    bound: str = ""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._validate, handler(source))

    def _validate(self, value: object, info: ValidationInfo) -> object:
        if not is_stored(info):
            refuse(self.check(value))
        return value


def is_stored(info: ValidationInfo) -> bool:
    """Whether the rule set that is being read comes from the database."""
    return bool((info.context or {}).get("stored"))


def different(values: Sequence[Any], key: str) -> list[Fault]:
    """A fault for each value whose `key` equals that of one before it."""
    found, seen = [], set()
    for place, value in enumerate(values):
        own = getattr(value, key)
        if own in seen:
            found.append(Fault((place, key), f"{own} 和前面的一项重复了，每一项要不同"))
        seen.add(own)
    return found


def closest(written: str, known: Iterable[str]) -> str | None:
    """The known word that is closest to the written one, if one is close."""
    close = get_close_matches(written.strip().lower().replace("-", "_").replace(" ", "_"), list(known), n=1)
    return close[0] if close else None


def perhaps(written: str, known: Iterable[str]) -> str:
    """`，是不是想写 …？` with the closest known word; empty if none is close."""
    meant = closest(written, known)
    return f"，是不是想写 {meant}？" if meant else ""


def what_there_is(written: str, known: Iterable[str]) -> str:
    """`perhaps`, or else the words that are known: `；现有的是 a、b`. Empty if none is known."""
    known = list(known)
    if (meant := perhaps(written, known)) or not known:
        return meant
    more = f" 等 {len(known)} 个" if len(known) > MOST_NAMED else ""
    return f"；现有的是 {'、'.join(known[:MOST_NAMED])}{more}"


def at_most(limit: int) -> OfDrafts:
    """A number of at most `limit`."""
    return OfDrafts(
        lambda value: [Fault((), f"不能大于 {limit:,}，现在写的是 {value:,}")] if value > limit else [],
        f"最大 {limit:,}",
    )


def items(most: int) -> OfDrafts:
    """A list or a mapping with at most `most` items."""
    return OfDrafts(
        lambda value: [Fault((), f"最多写 {most} 项，现在有 {len(value)} 项")] if len(value) > most else [],
        f"最多 {most} 项",
    )


def characters(most: int) -> OfDrafts:
    """A text of at most `most` characters."""
    return OfDrafts(
        lambda text: [Fault((), f"最多 {most} 个字，现在有 {len(text):,} 个")] if len(text) > most else [],
        f"最多 {most} 个字",
    )
