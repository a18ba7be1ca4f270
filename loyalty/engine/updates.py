"""Statements that change many members' rows at once and name only the columns in which any of them differs from what was loaded.

Each column costs time, because asyncpg checks every element of an array and PostgreSQL unpacks it again. A sign-in changes five of
an account's 13 columns, a lapse two of a lot's nine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Final, NamedTuple

from loyalty.ledger.account import Account
from loyalty.ledger.lots import QUANTITIES

_APART: Final = {"member_id", "version", "posted_at"}
"""Columns of the account that are no changes: its key, and what every command sets."""
_TYPES: Final = {"chain": "bytea", "status": "text"}
"""The types of those columns of the account that are no bigint."""
IN_ACCOUNT: Final = {
    column.name: _TYPES.get(column.name, "bigint") for column in fields(Account) if column.name not in _APART
}
"""The columns of an account that a command may change, with their types."""
IN_LOT: Final = {name: "boolean" if name == "opened" else "bigint" for name in QUANTITIES}
"""The columns of a lot that a command may change, with their types."""


ADD_TO_METERS: Final = """
UPDATE meter m SET value = m.value + u.n
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS u(member_id, name, period, n)
WHERE m.member_id = u.member_id AND m.name = u.name AND m.period = u.period
"""


UNSEEN: Final = " AND (u.unseen IS NULL OR a.last_seen_on <= u.unseen)"


class Change(NamedTuple):
    """A row's values before and after, in the order of IN_ACCOUNT or IN_LOT."""

    before: tuple[object, ...]
    after: tuple[object, ...]


def differing(columns: Iterable[str], changes: Sequence[Change]) -> dict[str, list[object]]:
    """The columns in which any row differs, with the values all rows have afterwards."""
    before = zip(*(change.before for change in changes), strict=True)
    after = zip(*(change.after for change in changes), strict=True)
    return {name: list(new) for name, old, new in zip(columns, before, after, strict=True) if new != old}


@cache
def update_accounts(changed: tuple[str, ...], *, unless_seen: bool = False) -> str:
    """Parameters: arrays of member ids, loaded versions, instants, days of a visit or NULL, then one for each changed column.

    The statement returns the members whose version was still the loaded one. `unless_seen`: the fifth parameter is an array of days
    or NULL; a member who has been seen after that day is left out, as one whose version has changed.
    """
    keys = ["member_id bigint", "version bigint", "posted_at timestamptz", "seen_on date"]
    unseen = UNSEEN if unless_seen else ""
    keys += ["unseen date"] if unless_seen else []
    given = _given(keys, IN_ACCOUNT, changed)
    fixed = (
        "version = a.version + 1, posted_at = u.posted_at, last_seen_on = greatest(a.last_seen_on, u.seen_on)"
    )
    assigned = ", ".join([fixed, *map(_assigned, changed)])
    return f"""
UPDATE account a SET {assigned} FROM {given}
WHERE a.member_id = u.member_id AND a.version = u.version{unseen} RETURNING a.member_id
"""  # noqa: S608  # names of our own columns


@cache
def update_lots(changed: tuple[str, ...]) -> str:
    """Parameters: arrays of member ids and of the three parts of the lots' keys, then one for each changed column, at least one."""
    keys = ("member_id bigint", "expires_on date", "opens_on date", "terms int")
    given = _given(keys, IN_LOT, changed)
    assigned = ", ".join(map(_assigned, changed))
    return f"""
UPDATE lot l SET {assigned} FROM {given}
WHERE l.member_id = u.member_id AND l.expires_on = u.expires_on AND l.opens_on = u.opens_on AND l.terms = u.terms
"""  # noqa: S608  # names of our own columns


def _given(keys: Sequence[str], types: dict[str, str], changed: Sequence[str]) -> str:
    columns = [*keys, *(f"{name} {types[name]}" for name in changed)]
    names, kinds = zip(*(column.split() for column in columns), strict=True)
    arrays = (f"${place}::{kind}[]" for place, kind in enumerate(kinds, start=1))
    return f"unnest({', '.join(arrays)}) AS u({', '.join(names)})"


def _assigned(column: str) -> str:
    return f"{column} = u.{column}"
