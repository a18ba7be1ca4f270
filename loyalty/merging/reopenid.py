"""New openids for old ones: WeChat's account migration (账号迁移) gives each follower another openid, under another app id."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

import asyncpg

from loyalty.engine.engine import Engine
from loyalty.members.identities import find_members, link, mark
from loyalty.merging.outcomes import AlreadyMerged, MergedOut
from loyalty.merging.run import SYSTEM, merge

Came: TypeAlias = Literal["linked", "already", "merged", "unknown", "without", "waiting"]
"""Result of a pair: linked to the member, linked before, the two members merged, the old openid unknown, no new openid given, or
a merge that is not possible now and that the worker tries again.
"""

OLD_NAMES: Final = ("ori_openid", "old_openid")
REASON: Final = "账号迁移后的 openid"
PAGE_SIZE: Final = 500
_OPENID: Final = re.compile(r"[0-9A-Za-z_-]{1,128}")


class Pair(NamedTuple):
    """A line of the file: the openid before the migration, and after it; "" where WeChat gave none."""

    old: str
    new: str


@dataclass
class Report:
    """How many pairs came to what."""

    counts: Counter[Came] = field(default_factory=Counter)


class BadPairs(Exception):
    """Lines of the file that are no pairs; the message names each in Chinese."""


def read_pairs(lines: Iterable[str]) -> list[Pair]:
    """The pairs of a CSV text: old and new openid, with or without a header. Raises BadPairs, which names all bad lines."""
    pairs: dict[str, str] = {}
    faults: list[str] = []
    for number, row in enumerate(csv.reader(lines), start=1):
        cells = [cell.strip().lstrip("\ufeff") for cell in row]
        if not any(cells) or (number == 1 and cells[0] in OLD_NAMES):
            continue
        if fault := _fault(cells, pairs):
            faults.append(f"第 {number} 行：{fault}")
        else:
            pairs[cells[0]] = cells[1]
    if faults:
        raise BadPairs("\n".join(faults))
    return [Pair(old, new) for old, new in pairs.items()]


def _fault(cells: list[str], pairs: dict[str, str]) -> str | None:
    if len(cells) < 2:
        return "应有两列：旧 openid、新 openid"
    if not _OPENID.fullmatch(cells[0]) or (cells[1] and not _OPENID.fullmatch(cells[1])):
        return "openid 只能由字母、数字、- 和 _ 组成"
    if pairs.get(cells[0], cells[1]) != cells[1]:
        return "同一个旧 openid 前面已经有另一个新 openid"
    return None


async def reopen(engine: Engine, pairs: list[Pair], old_app: str, new_app: str, *, apply: bool) -> Report:
    """Link the new openids to the members of the old ones; without `apply` only say what would come of it.

    Where the new openid is a member already, because they wrote before this ran, the two are merged. Safe to run again. Raises
    EngineUnavailable.
    """
    report = Report()
    for page in _pages(pairs):
        known = await engine.transact(lambda connection: _known(connection, page, old_app, new_app))  # noqa: B023  # awaited here
        for pair in page:
            before, after = known.get((old_app, pair.old)), known.get((new_app, pair.new))
            report.counts[await _one(engine, pair, (before, after), new_app, apply=apply)] += 1
    return report


async def _one(
    engine: Engine, pair: Pair, members: tuple[int | None, int | None], new_app: str, *, apply: bool
) -> Came:
    before, after = members
    if not pair.new:
        return "without"
    if before is None:
        return "unknown"
    if after == before:
        return "already"
    if after is None:
        if apply:
            await engine.transact(
                lambda connection: link(connection, before, ((new_app, pair.new),), engine.clock.now())
            )
        return "linked"
    if not apply:
        return "merged"
    await engine.transact(lambda connection: mark(connection, before, after))
    outcome = await merge(engine, (before, after), actor=SYSTEM, reason=REASON)
    return "merged" if isinstance(outcome, MergedOut | AlreadyMerged) else "waiting"


async def _known(
    connection: asyncpg.Connection, page: list[Pair], old_app: str, new_app: str
) -> dict[tuple[str, str], int]:
    return await find_members(
        connection, [*((old_app, pair.old) for pair in page), *((new_app, pair.new) for pair in page)]
    )


def _pages(pairs: list[Pair]) -> Iterator[list[Pair]]:
    for start in range(0, len(pairs), PAGE_SIZE):
        yield pairs[start : start + PAGE_SIZE]
