"""Polls as a member sees them, with the votes so far."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from loyalty.polls.rule import Poll
from loyalty.programme.declaring.windows import moment_text
from loyalty.programme.in_force.live import LiveRules

SELECT_COUNTS = """
SELECT poll, option, count(*) AS votes FROM poll_vote WHERE poll = ANY($1::text[]) AND NOT carried GROUP BY poll, option
"""
SELECT_OWN = "SELECT poll, option FROM poll_vote WHERE member_id = $1 AND poll = ANY($2::text[])"


@dataclass(frozen=True)
class PollOptionView:
    """A choice, and how many members have voted for it so far."""

    id: str
    name: str
    votes: int


@dataclass(frozen=True)
class PollView:
    """A poll. `state` is `open`, `voted` after the member's vote for the option `mine`, or `closed` when the poll is over.

    `until` is local time, null without an end.
    """

    id: str
    title: str
    options: list[PollOptionView]
    points: int
    state: str
    mine: str | None
    until: str | None


async def polls(database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime) -> list[PollView]:
    """Every poll that has begun, also those that are over, in the order of the rules."""
    moment = live.wall_time(now)
    shown = [one for one in live.rules.polls if one.from_ is None or one.from_ <= moment]
    if not shown:
        return []
    ids = [one.id for one in shown]
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for poll, option, votes in await database.fetch(SELECT_COUNTS, ids):
        counts[poll][option] = votes
    own = dict(await database.fetch(SELECT_OWN, member_id, ids))
    return [_poll(one, counts[one.id], own.get(one.id), moment) for one in shown]


def _poll(poll: Poll, votes: dict[str, int], mine: str | None, moment: datetime) -> PollView:
    closed = "open" if poll.holds_at(moment) else "closed"
    return PollView(
        id=poll.id,
        title=poll.title,
        options=[PollOptionView(one.id, one.name, votes.get(one.id, 0)) for one in poll.options],
        points=poll.points,
        state="voted" if mine is not None and closed == "open" else closed,
        mine=mine,
        until=moment_text(poll.until) if poll.until else None,
    )
