"""What a feature gives the audit: checks that are statements, checks that SQL cannot make, and what both find."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import asyncpg

from base.sealing import Keyring

NOW: Final = object()
"""Placeholder for the instant of the audit among a check's arguments."""


class Check(NamedTuple):
    """An invariant, the sentence that states it, and the statement that selects its violations as (member_id, detail).

    `by_member`: it compares rows of one member only, so that it can be made for some of the members.
    """

    invariant: str
    states: str
    select: str
    arguments: tuple[object, ...] = ()
    by_member: bool = False


class Finding(NamedTuple):
    """A violation of an invariant, with the member it concerns, if any."""

    invariant: str
    member_id: int | None
    detail: str


class RecomputeRequest(NamedTuple):
    """The input of a check that SQL cannot make: the rule sets by version, the keys to what is sealed, `progress(done, total)`.

    Rows of members are checked for ids above `after` and up to `until`.
    """

    connection: asyncpg.Connection
    rules: Mapping[int, Any]
    keyring: Keyring
    progress: Callable[[int, int], None]
    after: int
    until: int


Recompute = Callable[[RecomputeRequest], Awaitable[tuple[int, list[Finding]]]]
"""A check that SQL cannot make; returns the number of rows checked, and the violations."""
