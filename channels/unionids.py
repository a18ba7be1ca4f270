"""The unionid of a member, asked for again where the first request for it failed.

`identity.ask_after` says of an official account's openid from when on to ask; null when nothing is to be asked. A later message
starts a request beside its answer, and a job asks for the others. Whoever asks claims the row first, so nobody asks twice at once.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import structlog

from base.ending import end_tasks
from loyalty.engine.engine import Engine
from loyalty.merging.run import learn_unionid
from wechat.errors import ApiError
from wechat.official_account import OfficialAccountApi

AGAIN_AFTER: Final = timedelta(minutes=10)
"""The pause after a request that failed."""
NONE_AGAIN_AFTER: Final = timedelta(days=30)
"""The pause after an answer without a unionid: the account may be bound to an Open Platform account later."""
AT_ONCE: Final = 4
"""So many requests a process makes beside messages at the same time; the job makes the others."""

CLAIM: Final = """
UPDATE identity SET ask_after = $4 WHERE provider = $1 AND subject = $2 AND ask_after <= $3 RETURNING member_id
"""
ASK_AFTER: Final = "UPDATE identity SET ask_after = $3 WHERE provider = $1 AND subject = $2"
DUE: Final = "SELECT subject FROM identity WHERE provider = $1 AND ask_after <= $2 ORDER BY ask_after, subject LIMIT $3"

log = structlog.get_logger(__name__)


class Unionids:
    """The requests of one process. `aclose` ends those in flight; the job asks again after the claim."""

    def __init__(self, pool: asyncpg.Pool, engine: Engine, official_account: OfficialAccountApi) -> None:
        self._pool, self._engine, self._official_account = pool, engine, official_account
        self._tasks: set[asyncio.Task[None]] = set()

    def ask_soon(self, openid: str, now: datetime) -> None:
        """Ask in a task of its own, unless too many are in flight. Returns at once."""
        if len(self._tasks) < AT_ONCE:
            task = asyncio.create_task(self._ask_quietly(openid, now))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def due(self, now: datetime, limit: int) -> list[str]:
        """The openids whose unionid is to be asked for at `now`, the longest due first."""
        return [row["subject"] for row in await self._pool.fetch(DUE, self._app_id, now, limit)]

    async def ask(self, openid: str, now: datetime) -> None:
        """Ask for the unionid and connect the member with it; two members who are one person are merged.

        Raises ApiError and EngineUnavailable; the row is then due again after AGAIN_AFTER.
        """
        member_id = await self._pool.fetchval(CLAIM, self._app_id, openid, now, now + AGAIN_AFTER)
        if member_id is None:
            return
        unionid = (await self._official_account.user_info(openid)).unionid
        if unionid is not None:
            await learn_unionid(self._engine, member_id, unionid, now)
        await self.ask_after(openid, None if unionid else now + NONE_AGAIN_AFTER)

    async def ask_after(self, openid: str, at: datetime | None) -> None:
        """Store from when on to ask for the unionid of an openid; None for never."""
        await self._pool.execute(ASK_AFTER, self._app_id, openid, at)

    async def aclose(self) -> None:
        """Cancel the requests in flight."""
        await end_tasks(self._tasks)

    @property
    def _app_id(self) -> str:
        return self._official_account.app_id

    async def _ask_quietly(self, openid: str, now: datetime) -> None:
        try:
            await self.ask(openid, now)
        except ApiError as error:
            log.warning("unionid_lookup_failed", api=error.api, errcode=error.errcode)
        except Exception:
            log.exception("unionid_not_learnt")
