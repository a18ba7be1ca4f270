"""Deeds around notices."""

import asyncpg

from channels import outbox
from channels.faults import Fault, probe_now
from channels.outbox import NoticeKey
from operators.desk import Desk
from operators.roles import Action


async def retry(desk: Desk) -> list[Fault]:
    """Say that what was faulty at WeChat is mended, so that the worker tries at once; what is tried.

    Raises NotAllowed and EngineUnavailable.
    """
    await desk.require(Action.NOTICES)

    async def probe(connection: asyncpg.Connection) -> list[Fault]:
        found = await probe_now(connection, desk.now())
        if found:
            await desk.note(connection, Action.NOTICES, after={"does": "retry", "faults": len(found)})
        return found

    return await desk.change(probe)


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
