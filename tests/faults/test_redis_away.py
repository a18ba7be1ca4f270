"""F5: Redis killed, slow, read-only, emptied all the time: the same final ledger as without, and the worker comes back alone."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from tests.faults.crowd import Crowd, look_into_inbox, open_crowd
from tests.faults.history import Asked
from tests.faults.installation import Installation
from tests.faults.members import Member
from tests.faults.notices import owe, received, until_states

pytestmark = pytest.mark.asyncio(loop_scope="session")

MEMBERS = 6
LEDGER = """
SELECT r.member_id, r.no, r.command, r.accepted, r.code, r.facts::text AS facts, r.scope, (
    SELECT json_agg(json_build_array(e.reason, e.src, e.dst, e.amount, e.available, e.expires_on) ORDER BY e.seq)
    FROM entry e WHERE e.member_id = r.member_id AND e.receipt_no = r.no
)::text AS entries
FROM receipt r WHERE r.member_id = ANY($1::bigint[]) ORDER BY r.member_id, r.no
"""
OWN = ("voucher", "receipt_no", "cancellable_until")
"""Facts that differ from one voucher to the next."""


@asynccontextmanager
async def killed(installation: Installation) -> AsyncIterator[None]:
    """Redis dies, and comes back empty afterwards."""
    installation.machine.kill_redis()
    yield
    await installation.machine.revive()


@asynccontextmanager
async def slow(installation: Installation) -> AsyncIterator[None]:
    """Every answer of Redis takes longer than anybody waits."""
    installation.redis.delay_s = 1.0
    yield
    installation.redis.delay_s = 0.0


@asynccontextmanager
async def read_only(installation: Installation) -> AsyncIterator[None]:
    """Redis is the replica of a master that is not there."""
    async with Redis.from_url(installation.machine.servers.redis_url) as redis:
        await redis.execute_command("REPLICAOF", "127.0.0.1", "1")
        yield
        await redis.execute_command("REPLICAOF", "NO", "ONE")


@asynccontextmanager
async def emptied(installation: Installation) -> AsyncIterator[None]:
    """FLUSHALL, over and over."""

    async def empty(redis: Redis) -> None:
        while True:
            await redis.flushall()
            await asyncio.sleep(0.05)

    async with Redis.from_url(installation.machine.servers.redis_url) as redis:
        emptying = asyncio.create_task(empty(redis))
        yield
        emptying.cancel()
        await asyncio.gather(emptying, return_exceptions=True)


TROUBLES: list[Callable[[Installation], AbstractAsyncContextManager[None]]] = [
    killed,
    slow,
    read_only,
    emptied,
]


async def test_the_same_ledger_with_and_without(installation: Installation) -> None:
    expected = None
    for trouble in (None, *TROUBLES):
        async with open_crowd(installation, MEMBERS) as crowd:
            if trouble is None:
                await asyncio.gather(*(morning(member) for member in crowd.members))
            else:
                async with trouble(installation):
                    await asyncio.gather(*(morning(member) for member in crowd.members))
            await crowd.check()
            ledger = await ledger_of(installation, crowd)
        expected = expected or ledger
        assert ledger == expected, (trouble, first_difference(ledger, expected))
    async with open_crowd(installation, 1) as crowd:
        await crowd.members[0].say("签到")
        owed = await owe(installation, crowd.members)
        await until_states(installation, owed, lambda found: found["sent"] == 1)
        assert await received(crowd.members[0]) == 1


async def morning(member: Member) -> None:
    """What needs no dice, by both doors."""
    await known(member, await member.say("签到"))
    await known(member, await member.check_in())
    await known(member, await member.cancel(await known(member, await member.redeem("cookie"))))
    await known(member, await member.say("兑换 1"))
    await known(member, await member.say("兑换 6"))


async def known(member: Member, asked: Asked) -> Asked:
    """What was asked, once its answer is known: the ledgers are compared in their order, so nothing is left open."""
    async with asyncio.timeout(120):
        while asked.verdict in ("unknown", "promised"):
            await (asked.again() if asked.verdict == "unknown" else look_into_inbox(member, asked))
            await asyncio.sleep(0.05)
    return asked


async def ledger_of(installation: Installation, crowd: Crowd) -> list[list[Any]]:
    """Each member's receipts and entries, without what is theirs alone."""
    members = [member.member_id for member in crowd.members]
    async with installation.pool() as pool:
        rows = await pool.fetch(LEDGER, members)
    return [[without_own(row) for row in rows if row["member_id"] == member] for member in members]


def first_difference(mine: list[list[Any]], theirs: list[list[Any]]) -> Any:
    """The first receipts that are not the same."""
    for one, other in zip(mine, theirs, strict=True):
        for pair in itertools.zip_longest(one, other):
            if pair[0] != pair[1]:
                return pair
    return None


def without_own(row: asyncpg.Record) -> Any:
    """A receipt with its entries, the facts of one voucher left out."""
    facts = {name: value for name, value in json.loads(row["facts"]).items() if name not in OWN}
    return row["command"], row["accepted"], row["code"], row["scope"], facts, row["entries"]
