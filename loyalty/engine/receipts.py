"""The receipts that answer a command: of the same request, of another request for the same fact, and of what reactions brought."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import asyncpg

from loyalty.engine.command import MEMBER, DatedCommand
from loyalty.engine.follow_ups import follow_up_key
from loyalty.engine.outcomes import Outcome
from loyalty.engine.registry import Handling, Registry

Handled: TypeAlias = Sequence[tuple[DatedCommand, Handling]]
"""The commands of a batch, each with how it is handled."""


class StoredReceipt(NamedTuple):
    """A receipt of the same request as a command, or of another request for the same fact; `member_id` may be a merged half."""

    member_id: int
    no: int
    request_hash: bytes
    code: str
    facts: str
    same_request: bool


class Accepted(NamedTuple):
    """A result with the receipt that tells of it."""

    member_id: int
    receipt_no: int
    outcome: Outcome


SELECT_RECEIPTS = """
SELECT * FROM (
    SELECT r.member_id, r.no, r.request_hash, r.code, r.facts::text AS facts, true AS same_request
    FROM unnest($1::bigint[], $2::text[]) AS a(member_id, request_key)
    JOIN receipt r ON r.member_id = a.member_id AND r.request_key = a.request_key
    UNION ALL
    SELECT r.member_id, r.no, r.request_hash, r.code, r.facts::text, false
    FROM unnest($1::bigint[], $3::text[], $4::text[]) AS a(member_id, scope, ref)
    JOIN receipt r ON r.member_id = a.member_id AND r.scope = a.scope AND r.ref = a.ref AND r.accepted
) found
"""

SELECT_BY_REQUEST = """
SELECT r.member_id, r.no, r.code, r.facts::text AS facts FROM unnest($1::bigint[], $2::text[]) AS a(member_id, request_key)
JOIN receipt r ON r.member_id = a.member_id AND r.request_key = a.request_key AND r.accepted
"""


async def load_receipts(
    connection: asyncpg.Connection, handled: Handled, halves: Mapping[int, Sequence[int]]
) -> dict[int, StoredReceipt]:
    """The receipts of each member, or else of the members merged into them.

    A half's receipt answers the same request of the member's own, and stands for a fact that a person has only once.
    """
    own = {
        one.command.member_id: (one.command.member_id, one.command.request_key, one.scope, one.ref)
        for one, _ in handled
    }
    found = await _find_receipts(connection, own)
    of_halves: dict[int, tuple[int, str, str, str]] = {}
    for one, handling in handled:
        request_key = one.command.request_key if one.command.actor == MEMBER else ""
        scope = one.scope if handling.handler.once_per_person else ""
        for half in halves.get(one.command.member_id, ()):
            of_halves[half] = (one.command.member_id, request_key, scope, one.ref)
    for member_id, stored in (await _find_receipts(connection, of_halves)).items():
        if member_id not in found or (stored.same_request and not found[member_id].same_request):
            found[member_id] = stored
    return found


async def _find_receipts(
    connection: asyncpg.Connection, asked: Mapping[int, tuple[int, str, str, str]]
) -> dict[int, StoredReceipt]:
    """The receipts that the keys of `asked` have, by the member who asks for them: (member, request key, scope, ref)."""
    found: dict[int, StoredReceipt] = {}
    if not asked:
        return found
    _, keys, scopes, refs = (list(column) for column in zip(*asked.values(), strict=True))
    for row in await connection.fetch(SELECT_RECEIPTS, list(asked), keys, scopes, refs):
        stored = StoredReceipt(*row)
        member_id = asked[stored.member_id][0]
        if stored.same_request or member_id not in found:
            found[member_id] = stored
    return found


async def load_consequences(
    connection: asyncpg.Connection, registry: Registry, results: Sequence[Accepted]
) -> list[Accepted]:
    """What reactions to these results brought the same members so far, and what reactions to that brought, in their order."""
    keys = [
        (one.member_id, follow_up_key(reaction.follow_up.name, one.receipt_no))
        for one in results
        for _, reaction in registry.reactions(type(one.outcome))
    ]
    if not keys:
        return []
    rows = await connection.fetch(
        SELECT_BY_REQUEST, [member_id for member_id, _ in keys], [key for _, key in keys]
    )
    found = [
        Accepted(row["member_id"], row["no"], registry.outcome_of(row["code"], row["facts"])) for row in rows
    ]
    further = await load_consequences(connection, registry, found)
    return sorted([*found, *further], key=lambda one: one.receipt_no)
