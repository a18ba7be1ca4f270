"""Messages in flight: the tasks that handle them, which outlive their requests, and how a WeChat retry is recognised.

We recognise a WeChat retry in two ways: the original is still in flight in this process, or the message is older than two seconds,
as WeChat retries after five.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

import structlog

from base.ending import end_tasks
from bot.chat import written_at
from bot.conversation import DatabaseUnavailable, is_outage
from bot.late_reply.promises import AnswerPromised, Promises
from wechat.messages import Push

RETRIES_COME_AFTER: Final = timedelta(seconds=2)
CLOSE_TIMEOUT_S: Final = 5.0

log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class _Message(NamedTuple):
    """A message in flight: its key, and the loop's time when its handling started."""

    key: str
    since_s: float


class InFlight:
    """The tasks of one process, and which messages they handle."""

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._tasks: set[asyncio.Task[Any]] = set()
        self._handling: dict[asyncio.Task[Any], _Message] = {}  # the oldest first
        self._keys: set[str] = set()

    def start(self, work: Coroutine[Any, Any, _T]) -> "asyncio.Task[_T]":
        """Run `work` in a task that no request can cancel."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def start_handling(self, work: Coroutine[Any, Any, _T], message_key: str) -> "asyncio.Task[_T]":
        """`start`, for the handling of a message: until it ends, the message is in flight."""
        task = self.start(work)
        self._handling[task] = _Message(message_key, _loop_time())
        self._keys.add(message_key)
        return task

    @property
    def messages(self) -> int:
        """How many messages are in flight."""
        return len(self._handling)

    def age_s(self, nth: int) -> float:
        """For how many seconds the `nth` oldest message (from 1) has been in flight; 0 when there are fewer."""
        message = next(islice(self._handling.values(), nth - 1, None), None)
        return 0.0 if message is None else _loop_time() - message.since_s

    def may_be_retry(self, push: Push, now: datetime) -> bool:
        """Whether this push may be a WeChat retry; `now` is when it arrived."""
        return _is_old(push, now) or push.message_key in self._keys

    async def is_promised(self, push: Push, now: datetime) -> bool:
        """Whether an earlier try of this push was promised a late reply. Raises DatabaseUnavailable."""
        if not _is_old(push, now):
            return False
        try:
            return await self._promises.include(push)
        except Exception as error:
            if is_outage(error):
                raise DatabaseUnavailable from error
            raise

    async def close(self) -> None:
        """Wait a few seconds for the tasks to end, then cancel those that remain."""
        if not self._tasks:
            return
        _, rest = await asyncio.wait(self._tasks, timeout=CLOSE_TIMEOUT_S)
        await end_tasks(rest)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if message := self._handling.pop(task, None):
            self._keys.discard(message.key)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, DatabaseUnavailable | AnswerPromised):
            log.error("chat_task_failed", exc_info=error)


def _is_old(push: Push, now: datetime) -> bool:
    return now - written_at(push) >= RETRIES_COME_AFTER


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
