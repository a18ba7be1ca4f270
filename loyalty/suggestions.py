"""建议: what members write to the shop. An earning rule may pay for it; the text stays in a table of its own.

A suggestion is recorded as an event of the kind `suggestion`, so the rules say what it pays and how often, and missions may count
it. Receipts last for ever and hold no word of the text, which can be erased.
"""

import unicodedata
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from loyalty.earning.commands import RecordEvent
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision, Result
from loyalty.engine.refusals import RequestKeyReused
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.rules import RuleSet

KIND: Final = "suggestion"
"""The id of the events that suggestions are. A programme whose rules do not have it takes none."""
SOURCE: Final = "member"
"""The source of these events, which no partner's key has."""
MOST_CHARACTERS: Final = 500
_SEPARATORS: Final = " ,，:：、"
"""Signs with which a member parts the word 建议 from the text."""

KNOWN = "SELECT text FROM suggestion WHERE member_id = $1 AND request_key = $2"
KEEP = """
INSERT INTO suggestion (member_id, request_key, text, said_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (member_id, request_key) DO NOTHING
"""
SELECT_SINCE = """
SELECT member_id, said_at, text FROM suggestion WHERE said_at >= $1 AND text IS NOT NULL
ORDER BY said_at DESC, member_id, request_key LIMIT $2
"""
ERASE = "UPDATE suggestion SET text = NULL WHERE member_id = $1 AND text IS NOT NULL"


class Suggestion(NamedTuple):
    """What a member wrote."""

    member_id: int
    said_at: datetime
    text: str


class Said(NamedTuple):
    """A text that a member sends: `clean_text` of it, the key of the request, and when it takes effect."""

    member_id: int
    request_key: str
    text: str
    at: datetime
    keep_refusal: bool = False


def clean_text(text: str) -> str:
    """The text in one line without invisible characters. Raises ValueError if nothing or more than MOST_CHARACTERS is left."""
    seen = "".join(" " if one.isspace() else one for one in text if one.isspace() or _is_visible(one))
    line = " ".join(seen.split()).lstrip(_SEPARATORS)
    if not 1 <= len(line) <= MOST_CHARACTERS:
        raise ValueError(f"建议要写 1 到 {MOST_CHARACTERS} 个字")
    return line


def _is_visible(char: str) -> bool:
    return not unicodedata.category(char).startswith("C")


def takes_suggestions(rules: RuleSet) -> bool:
    """Whether the rules know the event that suggestions are."""
    return any(event.id == KIND for event in rules.events)


async def suggest(engine: Engine, pool: asyncpg.Pool, live: LiveRules, said: Said) -> Decision | None:
    """Record the suggestion, and then keep its text; None if the programme takes none.

    Who repeats a request that failed in between has its text kept then; the event is recorded once.
    Raises EngineUnavailable, or what the database raises.
    """
    if not takes_suggestions(live.rules):
        return None
    known = await pool.fetchval(KNOWN, said.member_id, said.request_key)
    if known not in (None, said.text):
        return Decision(RequestKeyReused())
    decision = await engine.run(
        RecordEvent(
            member_id=said.member_id,
            request_key=said.request_key,
            at=said.at,
            keep_refusal=said.keep_refusal,
            source=SOURCE,
            event=f"{said.member_id}:{said.request_key}",
            kind=KIND,
        )
    )
    if isinstance(decision.outcome, Result):
        await pool.execute(KEEP, said.member_id, said.request_key, said.text, said.at)
    return decision


async def suggestions(pool: asyncpg.Pool, since: datetime, limit: int) -> list[Suggestion]:
    """At most `limit` suggestions that were made since then and are not erased, newest first."""
    rows = await pool.fetch(SELECT_SINCE, since, limit)
    return [Suggestion(row["member_id"], row["said_at"], row["text"]) for row in rows]


async def erase_suggestions(pool: asyncpg.Pool, member_id: int) -> int:
    """Erase the texts of a member; returns how many. What they paid stays."""
    done: str = await pool.execute(ERASE, member_id)
    return int(done.split()[-1])
