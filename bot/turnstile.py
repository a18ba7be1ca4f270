"""Newcomers come in a few at a time, so that those whose messages are in hand get their turns of the event loop in between.

A message in hand waits some twenty times, for a statement here and an answer there, and each time for the event loop to come round.
When thousands of messages arrive at once, a round in which all of them were read and answered would take a tenth of a second or
more, and those in hand would starve of waiting.
"""

import asyncio
from collections import deque
from typing import Final

A_ROUND: Final = 8
"""So many newcomers in one round of the event loop; reading and answering one takes about a fifth of a millisecond."""


class Turnstile:
    """First come, first in. Nobody waits while fewer than `A_ROUND` come in a round."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._let_in = 0
        self._turning = False

    async def enter(self) -> None:
        """Wait for one's turn."""
        loop = asyncio.get_running_loop()
        if not self._turning:
            self._turning = True
            loop.call_soon(self._turn)
        if not self._waiting and self._let_in < A_ROUND:
            self._let_in += 1
            return
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _turn(self) -> None:
        """Begin the next round."""
        self._let_in = 0
        while self._waiting and self._let_in < A_ROUND:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._let_in += 1
        self._turning = self._let_in > 0
        if self._turning:
            asyncio.get_running_loop().call_soon(self._turn)
