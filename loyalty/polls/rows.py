"""The rows of polls: one vote per member and poll."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.writes import Table

SELECT_VOTES = """
SELECT v.member_id, v.option FROM unnest($1::bigint[], $2::text[]) AS u(member_id, poll)
JOIN poll_vote v ON v.member_id = u.member_id AND v.poll = u.poll
"""
SELECT_ALL = "SELECT member_id, poll, option FROM poll_vote WHERE member_id = ANY($1::bigint[]) ORDER BY member_id, poll"


class VoteRow(NamedTuple):
    """A vote. A `carried` one came with a member who was merged into this one, and is counted there."""

    poll: str
    option: str
    points: int
    carried: bool = False


VOTES: Final = Table("poll_vote", VoteRow, key=("poll",))


async def _vote(request: ReadRequest) -> Mapping[int, str | None]:
    commands: list[Any] = [one.command for one in request.commands]
    rows = await request.connection.fetch(SELECT_VOTES, request.members, [one.poll for one in commands])
    return dict(rows)


def _vote_in(past: Past, one: DatedCommand, _: object) -> str | None:
    command: Any = one.command
    row = past.rows[VOTES].get((command.poll,))
    return row["option"] if row else None


VOTE: Final = Read[str | None]("the member's vote in a poll", _vote, None, fold=_vote_in)


async def _all(request: ReadRequest) -> Mapping[int, Sequence[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for member_id, poll, option in await request.connection.fetch(SELECT_ALL, request.members):
        found.setdefault(member_id, []).append((poll, option))
    return found


def _all_in(past: Past, _: DatedCommand, __: object) -> Sequence[tuple[str, str]]:
    return sorted((poll, row["option"]) for (poll,), row in past.rows[VOTES].items())


ALL_VOTES: Final = Read[Sequence[tuple[str, str]]]("the member's votes", _all, (), fold=_all_in)
