"""Look-ups that every visit needs: who is this, which rules are in force, what does the member have. Visits are noted here, too.

One statement answers the questions of many visitors. Nothing is cached: the statement begins after the question was asked.
"""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.ledger.calendar import business_day
from loyalty.members.identities import IdentityKey, find_members
from loyalty.overview import BY_MEMBER, BY_SESSION, Glance, Overview, glances
from loyalty.programme.in_force.live import RULES_IN_FORCE, LiveRules, live_by_digest, rules_between
from loyalty.seen_today import SeenToday
from loyalty.visits import WOKEN_BY_A_VISIT, note_visits
from models.together import Together

T = TypeVar("T")

ARRIVED = f"""
WITH known AS MATERIALIZED (
    SELECT u.place, i.member_id, i.ask_after, i.silent
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u(provider, subject, place)
    JOIN identity i ON i.provider = u.provider AND i.subject = u.subject
)
SELECT u.place, k.member_id, k.ask_after, k.silent, r.id AS rule_version, r.digest
FROM generate_series(1, cardinality($1::text[])) AS u(place)
LEFT JOIN known k ON k.place = u.place
{RULES_IN_FORCE}
"""  # noqa: S608  # our own text


class Arrival(NamedTuple):
    """The member, None for an unknown person, and the rules in force, None if there are none yet.

    `ask_after`: from when on to ask for the unionid, None where nothing is to be asked. `silent`: they have only followed
    so far.
    """

    member_id: int | None
    live: LiveRules | None
    ask_after: datetime | None = None
    silent: bool = False


class Directory:
    """The look-ups of one process. Any number of tasks may call any of its methods at the same time."""

    def __init__(self, pool: asyncpg.Pool, zone: ZoneInfo) -> None:
        self._pool, self._zone = pool, zone
        self._arrivals = Together(self._find_arrivals)
        self._members = Together(self._find_members)
        self._visitors = Together(self._find_visitors)
        self._glances = Together(self._read_glances)
        self._visits = Together(self._note_visits)
        self._seen_today = SeenToday()

    async def rules(self, now: datetime) -> LiveRules:
        """The version in force at `now`. Raises NoRulesPublished."""
        return (await rules_between(self._pool, now, now, self._zone)).at(now)

    def arrival(self, provider: str, subject: str, now: datetime) -> Awaitable[Arrival]:
        """The member with that identity, and the rules in force at the latest `now` of all callers that share the statement."""
        return self._arrivals.ask((provider, subject, now))

    def member_of(self, provider: str, subject: str) -> Awaitable[int | None]:
        """The member an identity points to; `provider` is an app id or `unionid`."""
        return self._members.ask((provider, subject))

    def visitor(self, token_hash: bytes, now: datetime) -> Awaitable[Glance | None]:
        """The member whose session token has that SHA-256, with their overview; None if it is unknown or has ended at `now`."""
        return self._visitors.ask((token_hash, now))

    async def overview(self, member_id: int, now: datetime) -> Overview:
        """The member's points, tier and sign-in. Raises NoRulesPublished, and LookupError when there is no such member."""
        seen = await self._glances.ask((member_id, now))
        if seen is None:
            raise LookupError(f"no member {member_id}")
        return seen.overview

    async def note_visit(
        self, member_id: int, now: datetime, *, skip_if_known_today: bool, wakes: int = WOKEN_BY_A_VISIT
    ) -> None:
        """Store that the member was here on the business day of `now`, and make notices that waited for a visit due.

        Only the `wakes` most urgent become due: the rest could not be sent, and would go back to waiting at the cost of two writes.

        With `skip_if_known_today` this happens once per member, day and process: right for requests that come many times a day.
        A chat message, a login and a new subscription permission pass False, because a notice may wait for exactly that visit.

        Mostly there is nothing to write, because a command of the member's own on that day has stored the visit. A visit whose
        account row another transaction has locked is not stored. Raises EngineUnavailable, or what the database raises when it is
        asked whether there is anything to write.
        """
        day = business_day(now, self._zone)
        if skip_if_known_today and self._seen_today.knows(member_id, day):
            return
        await self._visits.ask((member_id, now, wakes))
        if skip_if_known_today:
            self._seen_today.remember(member_id, day)

    async def _find_arrivals(self, asked: Sequence[tuple[str, str, datetime]]) -> list[Arrival]:
        providers, subjects, instants = zip(*asked, strict=True)
        rows = await self._pool.fetch(ARRIVED, providers, subjects, max(instants))
        live = await live_by_digest(self._pool, rows, self._zone)
        found = {
            row["place"]: Arrival(
                row["member_id"], live.get(row["digest"]), row["ask_after"], bool(row["silent"])
            )
            for row in rows
        }
        return [found[place] for place in range(1, len(asked) + 1)]

    async def _find_members(self, asked: Sequence[IdentityKey]) -> list[int | None]:
        found = await find_members(self._pool, asked)
        return [found.get(identity) for identity in asked]

    async def _find_visitors(self, asked: Sequence[tuple[bytes, datetime]]) -> list[Glance | None]:
        return await glances(self._pool, BY_SESSION, *_columns(asked), self._zone)

    async def _read_glances(self, asked: Sequence[tuple[int, datetime]]) -> list[Glance | None]:
        return await glances(self._pool, BY_MEMBER, *_columns(asked), self._zone)

    async def _note_visits(self, visits: Sequence[tuple[int, datetime, int]]) -> list[None]:
        await note_visits(self._pool, self._zone, visits)
        return [None] * len(visits)


def _columns(asked: Sequence[tuple[T, datetime]]) -> tuple[list[T], list[datetime]]:
    return [key for key, _ in asked], [now for _, now in asked]
