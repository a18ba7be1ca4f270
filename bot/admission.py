"""Admission control: a few new requests per round of the event loop, and load shedding when messages are answered too late.

A message in flight waits about twenty times for I/O, and after each wait for its turn in the event loop. When thousands of messages
arrive at once, a round that read and answered all of them would take a tenth of a second or more, and each of those twenty waits
would last that long.
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
"""Messages in flight above which new ones are shed: on two cores they are about a quarter of a second of work."""
OVERDUE_MESSAGES: Final = 32
OVERDUE_S: Final = 1.0
"""The process counts as overloaded when OVERDUE_MESSAGES have been in flight for OVERDUE_S, or a request has waited that long to be
admitted: a new message would not be answered in time either. A single old message says nothing about the others, because it may be
waiting for a row lock of its own member.
"""


class Admission:
    """Admits requests first come, first served; a request waits only when more than `PER_ROUND` arrive in one round."""

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

        Only messages and menu taps are shed, because the member can send those again; a follow or a scan happens once.
        A possible WeChat retry is not shed either, because its original may have been handled already.
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
