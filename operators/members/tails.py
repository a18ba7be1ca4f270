"""Finding members by the last four digits of their phone number, as whoever calls a shop tells them."""

from datetime import timedelta
from typing import Final, NamedTuple

import asyncpg

from loyalty.members.phones import masked_phone
from loyalty.members.tails import owners_of_tail
from operators.desk import Desk
from operators.roles import Action, NotAllowed

PAGE: Final = 20
MOST_AN_HOUR: Final = 60
"""Pages of such searches per operator and hour: more than a counter needs, and few for reading all 10,000 tails."""
DOES: Final = "find_by_tail"
HOUR: Final = timedelta(hours=1)
ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('jifen: searches by tail'))"
RECENT: Final = """
SELECT count(*) FROM operation WHERE operator = $1 AND action = $2 AND at > $3 AND after->>'does' = $4
"""
NAMES: Final = "SELECT member_id, nickname FROM member WHERE member_id = ANY($1::bigint[])"


class TooManySearches(NotAllowed):
    """The operator has looked for many tails within an hour."""


class TailHit(NamedTuple):
    """A member whose number ends so. `place` is the key of the next page, `phone` is masked."""

    place: int
    member_id: int
    nickname: str | None
    phone: str


class TailPage(NamedTuple):
    """A page of hits; `after` is the key with which the next one begins, None at the end."""

    hits: list[TailHit]
    after: int | None


async def find_by_tail(desk: Desk, tail: str, after: int = 0, limit: int = PAGE) -> TailPage:
    """The members, as they are now, whose phone number ends in these four digits; that somebody looked is in the log before.

    Raises NotAllowed, TooManySearches, KeyMissing and EngineUnavailable.
    """
    await desk.require(Action.LOOK_MEMBERS)
    pool, keyring = desk.resources.pool, desk.resources.settings.keyring
    owners = await owners_of_tail(pool, keyring, tail, after=after, limit=limit + 1)
    shown = owners[:limit]

    async def trace(connection: asyncpg.Connection) -> None:
        await connection.execute(ONE_AT_A_TIME)  # searches at once would not count each other
        asked = desk.operator.name, Action.LOOK_MEMBERS, desk.now() - HOUR, DOES
        if await connection.fetchval(RECENT, *asked) >= MOST_AN_HOUR:
            raise TooManySearches(
                f"一小时里最多按手机尾号找 {MOST_AN_HOUR} 次，请过一会儿再找，或者用完整的手机号找。"
            )
        await desk.note(connection, Action.LOOK_MEMBERS, after={"does": DOES, "found": len(shown)})

    await desk.change(trace)
    names = dict(await pool.fetch(NAMES, [one.member_id for one in shown]))
    hits = [
        TailHit(one.bound_to, one.member_id, names.get(one.member_id), masked_phone(one.number))
        for one in shown
    ]
    return TailPage(hits, hits[-1].place if len(owners) > limit else None)
