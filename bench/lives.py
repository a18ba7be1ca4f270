"""Members who use the program day by day on a clock of their own, through the real engine, and the WAL that they write."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from base.clock import MovableClock
from channels import consent
from channels.identity import set_following
from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.games.commands import Draw
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.members.identities import UNIONID
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Redeem
from miniapp_api.sessions import open_session
from runtime.resources import Resources
from tasks.sweeps import START, Sweep

T = TypeVar("T")

AT_ONCE = 256
COLD = 64
"""Commands per round after a checkpoint: so few that hardly any two change the same page."""
COLD_ROUNDS = 6
WRITTEN = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


@dataclass
class Lives:
    """Members on a clock of their own, and the WAL that their commands have written."""

    resources: Resources
    clock: MovableClock
    members: list[int] = field(default_factory=list)
    wal: dict[str, tuple[int, int]] = field(default_factory=dict)

    @asynccontextmanager
    async def measured(self, what: str, commands: Callable[[], Awaitable[int]]) -> AsyncIterator[None]:
        """Record the WAL written within the block, and the number of commands by a counter that only grows."""
        pool = self.resources.pool
        before, written = await commands(), await pool.fetchval(WRITTEN)
        yield
        done, bytes_written = await commands() - before, int(await pool.fetchval(WRITTEN) - written)
        all_done, all_written = self.wal.get(what, (0, 0))
        self.wal[what] = (all_done + done, all_written + bytes_written)

    async def recorded(self) -> int:
        """The number of commands recorded so far."""
        return int(await self.resources.pool.fetchval("SELECT coalesce(sum(version), 0) FROM account"))

    async def run(self, what: str, commands: Iterable[Command]) -> None:
        """Run commands through the engine and measure their WAL."""
        async with self.measured(what, self.recorded):
            await self.resources.engine.run_all(commands)

    async def join(self, count: int) -> None:
        """Enrol members who follow the account; half of them also use the mini-program, a tenth were invited."""
        resources, now, settings = self.resources, self.clock.now(), self.resources.settings

        async def one(number: int) -> int:
            name = _digest(number)
            oa, union = (settings.oa_app_id or "", "o" + name[:27]), (UNIONID, "u" + name[:27])
            member_id = (await enroll(resources.engine, Newcomer((oa, union), now))).member_id
            await set_following(resources.pool, member_id, True, now)
            if number % 2:
                mini = (settings.miniapp_app_id or "", "m" + name[:27])
                await enroll(resources.engine, Newcomer((mini, union), now))
                await open_session(resources.pool, member_id, now)
                await consent.grant(resources.pool, member_id, _digest(member_id)[:43], now)
            return member_id

        first = len(self.members)
        async with self.measured("joining, whole", _counter(self.members)):
            self.members += await _some_at_once([one(number) for number in range(first, first + count)])
        bound = [
            BindReferral(member_id=member_id, request_key="oa:" + _digest(f"bind {member_id}"), at=now, inviter_id=inviter)
            for inviter, member_id in zip(self.members[first:], self.members[first + 1 :], strict=False)
            if member_id % 10 == 0 and inviter < member_id
        ]  # fmt: skip
        await self.run("being invited", bound)

    async def day(self) -> None:
        """One day: 30 % of members sign in, 3 % only visit; of those who sign in a third draw and 5 % redeem."""
        now = self.clock.now()
        present = [member_id for member_id in self.members if self._chance(member_id, "visit") < 30]
        looking = [member_id for member_id in self.members if 30 <= self._chance(member_id, "visit") < 33]
        async with self.measured("visit without a command", _counter([0], len(looking))):
            note_visit = self.resources.directory.note_visit
            await _some_at_once(
                [note_visit(member_id, now, skip_if_known_today=False) for member_id in looking]
            )
        await self.run(
            "sign-in", [CheckIn(member_id=one, request_key=self._key("oa:", one), at=now) for one in present]
        )
        drawing = [one for one in present if self._chance(one, "draw") < 33]
        await self.run(
            "draw", [Draw(member_id=one, request_key=self._key("api:", one)[:40], at=now, wheel="lucky") for one in drawing]
        )  # fmt: skip
        redeeming = [one for one in present if self._chance(one, "redeem") < 5]
        await self.run(
            "redemption",
            [
                Redeem(member_id=one, request_key=self._key("api:r", one)[:40], at=now, reward="cookie")
                for one in redeeming
            ],
        )

    async def sweep(self, what: str, job: Sweep) -> None:
        """Run a nightly sweep until nothing is left."""
        async with self.measured(what, self.recorded):
            mark = await job(self.resources, self.clock.now(), START)
            while mark is not None:
                mark = await job(self.resources, self.clock.now(), mark)

    async def sign_in_cold(self, wal_compression: str) -> None:
        """Let a few members with different pages sign in right after a checkpoint, so that full pages go to the WAL."""
        stride = max(1, len(self.members) // COLD)
        await self.resources.pool.execute(f"ALTER SYSTEM SET wal_compression = {wal_compression}")
        await self.resources.pool.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(1)  # each backend reads the setting at its next statement
        for number in range(COLD_ROUNDS):
            self.clock.advance(86_400)
            await self.resources.pool.execute("CHECKPOINT")
            chosen = self.members[number * 7 % stride :: stride][:COLD]
            now = self.clock.now()
            await self.run(
                f"sign-in, each page the first time after a checkpoint, wal_compression {wal_compression}",
                [CheckIn(member_id=one, request_key=self._key("oa:", one), at=now) for one in chosen],
            )

    def _chance(self, member_id: int, what: str) -> int:
        return int(_digest(f"{member_id} {what} {self.clock.now().date()}")[:8], 16) % 100

    def _key(self, prefix: str, member_id: int) -> str:
        return prefix + _digest(f"{prefix} {member_id} {self.clock.now()}")


async def _some_at_once(work: list[Awaitable[T]]) -> list[T]:
    done: list[T] = []
    for start in range(0, len(work), AT_ONCE):
        done += await asyncio.gather(*work[start : start + AT_ONCE])
    return done


def _counter(grows: list[int], step: int | None = None) -> Callable[[], Awaitable[int]]:
    """A function that returns the length of a list; with `step`, a number that grows by it with each call."""
    asked = 0

    async def count() -> int:
        nonlocal asked
        asked += 1
        return len(grows) if step is None else asked * step

    return count


def _digest(what: object) -> str:
    return hashlib.sha256(str(what).encode()).hexdigest()
