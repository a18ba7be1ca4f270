"""A crowd of members: busy while something fails, then asked what they heard, until everything is known."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import asyncpg

from tests.emulator.harness import Phone
from tests.faults.answers import read_text, speaks_of
from tests.faults.history import Asked, History
from tests.faults.installation import Installation
from tests.faults.members import Member
from tests.loyalty.waiting import until

REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=15)
UNDER_WAY = 5
"""A crowd that has heard this many answers is at it."""


@dataclass
class Crowd:
    """Members of one installation with one history."""

    installation: Installation
    history: History
    http: aiohttp.ClientSession
    members: list[Member]

    @asynccontextmanager
    async def busy(self, seed: int) -> AsyncIterator[None]:
        """All of them do things, each one after the other, while the block runs; it begins when some have been answered."""
        dice = [random.Random(f"{seed}:{number}") for number in range(len(self.members))]  # noqa: S311  # a repeatable order
        ended = asyncio.Event()
        working = asyncio.gather(
            *(act_until(ended, member, its) for member, its in zip(self.members, dice, strict=True))
        )

        async def under_way() -> bool:
            return working.done() or self.history.told()["done"] >= UNDER_WAY

        await until(under_way, within_s=30)
        try:
            yield
        finally:
            ended.set()
            await working

    async def is_refused(self) -> bool:
        """Whether somebody was told that the service is away."""
        return self.history.statuses["503"] > 0

    async def settle(self, within_s: float = 180.0) -> None:
        """Repeat what is unknown and wait for what was promised, until everything is known."""
        give_up = asyncio.get_running_loop().time() + within_s
        while left := self.history.of("unknown", "promised"):
            if asyncio.get_running_loop().time() > give_up:
                raise AssertionError(
                    f"never answered: {left[:3]} of {len(left)}, {await self._late_replies(left)}"
                )
            await asyncio.gather(*(self._repeat(member, left) for member in self.members))
            await asyncio.sleep(0.05)

    async def _late_replies(self, left: list[Asked]) -> list[Any]:
        """How the promised ones among them stand."""
        keys = [request.key.removeprefix("oa:") for request in left]
        async with self.installation.pool() as pool:
            rows = await pool.fetch(
                "SELECT state, reason, attempts, received_at, due_at FROM late_reply WHERE message_key = ANY($1)",
                keys,
            )
        return [self.installation.clock.now(), *map(tuple, rows)]

    async def _repeat(self, member: Member, left: list[Asked]) -> None:
        """One member's open requests, one after the other, as a person would."""
        for request in left:
            if request.member_id == member.member_id and request.verdict == "unknown":
                await request.again()
            elif request.member_id == member.member_id:
                await look_into_inbox(member, request)

    async def check(self) -> None:
        """History and database agree before and after what is unknown was repeated, and no invariant is broken."""
        async with self.installation.pool() as pool:
            await self._agree(pool)
            await self.settle()
            await self._agree(pool)
        await self.installation.assert_clean()

    async def _agree(self, pool: asyncpg.Pool) -> None:
        problems = await self.history.problems(pool)
        assert not problems, "\n".join(problems)


async def act_until(ended: asyncio.Event, member: Member, dice: random.Random) -> None:
    """One thing after the other."""
    while not ended.is_set():
        await member.act(dice)


async def look_into_inbox(member: Member, request: Asked) -> None:
    """A promised answer comes as a customer-service message."""
    for item in await member.phone.inbox("custom"):
        if item["id"] not in member.read and speaks_of(request.command, item["content"]):
            member.read.add(item["id"])
            read_text(request, item["content"])
            return


@asynccontextmanager
async def open_crowd(
    installation: Installation, count: int, *, following: bool = True
) -> AsyncIterator[Crowd]:
    """New members with sessions; they follow the account, without a push."""
    async with aiohttp.ClientSession(timeout=REQUEST_TIMEOUT) as http:
        crowd = Crowd(installation, History(), http, [])
        crowd.members += await asyncio.gather(*(_member(crowd, following) for _ in range(count)))
        async with installation.pool() as pool:
            ids = [member.member_id for member in crowd.members]
            crowd.history.openids = {member.phone.oa_openid: member.member_id for member in crowd.members}
            for row in await pool.fetch(
                "SELECT member_id, available FROM account WHERE member_id = ANY($1)", ids
            ):
                crowd.history.opening[row["member_id"]] = row["available"]
        yield crowd


async def _member(crowd: Crowd, following: bool) -> Member:
    phone = await crowd.installation.emulator.phone(f"会员{secrets.token_hex(2)}")
    told = await log_in(crowd, phone)
    if following:
        await phone.follow()
    headers = {"Authorization": f"Bearer {told['token']}"}
    return Member(crowd.installation, crowd.history, crowd.http, phone, told["member"]["member_id"], headers)


async def log_in(crowd: Crowd, phone: Phone) -> Any:
    """A session; a code works once, so a login whose outcome is unknown is begun anew, as the mini-program does."""
    url = f"{crowd.installation.front.url}/api/v1/session"
    for _ in range(5):
        async with crowd.http.post(url, json={"code": await phone.login()}) as answer:
            told = await answer.json()
            if answer.status == 200:
                return told
            assert answer.status == 503, told
        await asyncio.sleep(0.2)
    raise AssertionError(told)
