"""Admission control: a few new requests per round of the event loop, and load shedding when messages are answered too late.

A message in flight waits some twenty times, for a statement here and an answer there, and each time for the event loop to come
round. When thousands of messages arrive at once, a round that read and answered all of them would take a tenth of a second or
more, and the messages in flight would starve of waiting.
"""

import asyncio
from collections import deque
from datetime import datetime
from typing import Final

from bot.in_flight import InFlight
from bot.router import trigger_of
from wechat.opening import Opened

PER_ROUND: Final = 8
"""Requests admitted per round of the event loop; reading and answering one takes about a fifth of a millisecond."""
MOST_IN_FLIGHT: Final = 256
"""More would leave no processor time for new requests: on two cores about a quarter of a second's work."""
OVERDUE_MESSAGES: Final = 32
OVERDUE_S: Final = 1.0
"""When this many messages have been in flight for this long, or a request waited this long to be admitted, a new message will not
be answered in time either. One message alone may wait for a lock of its own, which tells nothing about the others.
"""


class Admission:
    """Admits requests first come, first served; none waits while fewer than `PER_ROUND` come in a round."""

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._admitted = 0
        self._has_rounds = False

    async def enter(self) -> float:
        """Wait to be admitted; return how long that took, in seconds."""
        loop = asyncio.get_running_loop()
        if not self._has_rounds:
            self._has_rounds = True
            loop.call_soon(self._next_round)
        if not self._waiting and self._admitted < PER_ROUND:
            self._admitted += 1
            return 0.0
        arrived_s = loop.time()
        admitted: asyncio.Future[None] = loop.create_future()
        self._waiting.append(admitted)
        await admitted
        return loop.time() - arrived_s

    def sheds(self, opened: Opened, waited_s: float, now: datetime) -> bool:
        """Whether the webhook answers 请过一会儿再发一次 and does nothing else, after a wait of `waited_s` in `enter`.

        Only the member's own words are shed: nobody can repeat a follow or a scan, and the original of a retry may be done already.
        """
        return (
            self._is_overloaded(waited_s)
            and trigger_of(opened.push, opened.account) in ("message", "click")
            and not self._in_flight.may_be_retry(opened.push, now)
        )

    def _is_overloaded(self, waited_s: float) -> bool:
        return (
            waited_s > OVERDUE_S
            or self._in_flight.messages >= MOST_IN_FLIGHT
            or self._in_flight.age_s(OVERDUE_MESSAGES) > OVERDUE_S
        )

    def _next_round(self) -> None:
        self._admitted = 0
        while self._waiting and self._admitted < PER_ROUND:
            admitted = self._waiting.popleft()
            if not admitted.done():
                admitted.set_result(None)
                self._admitted += 1
        self._has_rounds = self._admitted > 0
        if self._has_rounds:
            asyncio.get_running_loop().call_soon(self._next_round)
