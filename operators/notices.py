"""Deeds around notices."""

import asyncpg

from channels import outbox
from channels.faults import probe_now
from channels.outbox import NoticeKey
from operators.desk import Desk
from operators.roles import Action


async def retry(desk: Desk) -> str:
    """Say that what was faulty at WeChat is mended, so that the worker tries at once. Raises NotAllowed."""
    await desk.require(Action.NOTICES)
    found = await probe_now(desk.resources.pool, desk.now())
    return f"后台任务马上重试 {len(found)} 处。" if found else "没有因为微信那边的设置而停下的消息。"


async def try_again(desk: Desk, notice: NoticeKey) -> bool:
    """Send a notice that has failed once more; False for one that is not failed. Raises NotAllowed and EngineUnavailable.

    What would no longer be of use to the member, or disturb them in quiet hours, is still not sent.
    """
    await desk.require(Action.NOTICES)

    async def again(connection: asyncpg.Connection) -> bool:
        done = await outbox.try_again(connection, notice, desk.now())
        if done:
            after = {"does": "try_again", "kind": notice.kind}
            await desk.note(connection, Action.NOTICES, notice.key, member_id=notice.member_id, after=after)
        return done

    return await desk.change(again)
