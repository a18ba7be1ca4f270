"""The work behind the webhook: it goes on whoever hangs up, and knows when there is more of it than hands."""

import asyncio
from collections.abc import Coroutine
from itertools import islice
from typing import Any, Final, TypeVar

import structlog

from bot.conversation import ServiceAway
from bot.doorway import Doorway
from bot.late import AnsweredElsewhere, Promises
from bot.turnstile import Turnstile

GOODBYE_WITHIN_S: Final = 5.0
MOST_AT_ONCE: Final = 256
"""More messages in hand would leave no processor time for those that come: on two cores about a quarter of a second's work."""
CROWD: Final = 32
BEHIND_S: Final = 1.0
"""When so many who came so long ago are still not served, or it took so long to look at a newcomer, the newcomer will not be
served in time either. One alone may be held up by something of their own, and says nothing about the others.
"""

log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Desk:
    """The lock of the webhook and the work that is going on behind it."""

    def __init__(self, doorway: Doorway, promises: Promises) -> None:
        self.doorway = doorway
        self.promises = promises
        self._working: set[asyncio.Task[Any]] = set()
        self._handling: dict[
            asyncio.Task[Any], tuple[str, float]
        ] = {}  # which and since when, the longest first
        self._in_hand: set[str] = set()
        self._turnstile = Turnstile()

    async def enter(self) -> float:
        """Wait until it is one's turn to be looked at; how long that took, in seconds."""
        came = _loop_time()
        await self._turnstile.enter()
        return _loop_time() - came

    def start(self, work: Coroutine[Any, Any, _T]) -> "asyncio.Task[_T]":
        """Run `work` in a task that no request can cancel."""
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._ended)
        return task

    def start_handling(self, work: Coroutine[Any, Any, _T], message_key: str) -> "asyncio.Task[_T]":
        """`start`, for the work on a message that has just come."""
        task = self.start(work)
        self._handling[task] = message_key, _loop_time()
        self._in_hand.add(message_key)
        return task

    def has_in_hand(self, message_key: str) -> bool:
        """Whether this message is being carried out: then another try of it has come."""
        return message_key in self._in_hand

    def is_behind(self, waited_s: float) -> bool:
        """Whether there is more to do than hands to do it, for one who has waited so long to be looked at."""
        if len(self._handling) >= MOST_AT_ONCE or waited_s > BEHIND_S:
            return True
        longest = next(islice(self._handling.values(), CROWD - 1, None), None)
        return longest is not None and _loop_time() - longest[1] > BEHIND_S

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._working.discard(task)
        if handled := self._handling.pop(task, None):
            self._in_hand.discard(handled[0])
        if (
            not task.cancelled()
            and task.exception() is not None
            and not isinstance(task.exception(), ServiceAway | AnsweredElsewhere)
        ):
            log.error("chat_work_failed", exc_info=task.exception())

    async def close(self) -> None:
        """Give what is going on a few seconds to end."""
        if not self._working:
            return
        _, rest = await asyncio.wait(self._working, timeout=GOODBYE_WITHIN_S)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
