"""Notices that the worker owes to members, and what came of them: in the row and on the phone."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable

import asyncpg

from tests.faults.installation import OWED, Installation
from tests.faults.members import Member
from tests.loyalty.waiting import until

CUSTOM_SEND = "/cgi-bin/message/custom/send"
_KEYS = itertools.count(1)


async def owe(installation: Installation, members: Iterable[Member]) -> list[tuple[int, str]]:
    """Owe each member the news of a reward, as the engine would; the rows' (member, key)."""
    owed = [(member.member_id, f"{OWED}{next(_KEYS)}") for member in members]
    async with installation.pool() as pool:
        await pool.executemany(
            "INSERT INTO notice (member_id, kind, key, receipt_no, payload, created_at, due_at)"
            " VALUES ($1, 'referral_rewarded', $2, 1, $3, $4, $4)",
            [(*one, json.dumps({"points": 50}), installation.clock.now()) for one in owed],
        )
    return owed


async def states(pool: asyncpg.Pool, owed: list[tuple[int, str]]) -> Counter[str]:
    """How many of them stand in each state."""
    rows = await pool.fetch(
        "SELECT n.state FROM notice n JOIN unnest($1::bigint[], $2::text[]) u (m, k) ON n.member_id = u.m AND n.key = u.k",
        [member_id for member_id, _ in owed], [key for _, key in owed],
    )  # fmt: skip
    return Counter(row["state"] for row in rows)


async def until_states(
    installation: Installation,
    owed: list[tuple[int, str]],
    holds: Callable[[Counter[str]], bool],
    within_s: float = 30.0,
) -> Counter[str]:
    """Wait until the rows stand as they should; how they stand."""
    async with installation.pool() as pool:
        standing: Counter[str] = Counter()

        async def so() -> bool:
            standing.clear()
            standing.update(await states(pool, owed))
            return holds(standing)

        await until(so, within_s=within_s)
        return standing


async def received(member: Member) -> int:
    """How many news of a reward the phone got."""
    return sum("邀请" in item["content"] for item in await member.phone.inbox("custom"))
