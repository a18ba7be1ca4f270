"""Deeds around notices."""

from channels.faults import probe_now
from operators.desk import Desk
from operators.roles import Action


async def retry(desk: Desk) -> str:
    """Say that what was faulty at WeChat is mended, so that the worker tries at once. Raises NotAllowed."""
    await desk.require(Action.NOTICES)
    found = await probe_now(desk.resources.pool, desk.now())
    return f"后台任务马上重试 {len(found)} 处。" if found else "没有因为微信那边的设置而停下的消息。"
