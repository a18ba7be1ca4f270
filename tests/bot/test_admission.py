"""Admission: a few per round, first come first served, and messages in flight go on in between."""

import asyncio
import itertools
from unittest.mock import create_autospec

from bot.admission import PER_ROUND, Admission
from bot.in_flight import InFlight
from bot.late_reply.promises import Promises

NEWCOMERS = 10 * PER_ROUND


def idle() -> InFlight:
    """No message is in flight, and nobody asks for promises."""
    return InFlight(create_autospec(Promises, instance=True))


async def test_a_crowd_comes_in_by_turns_and_others_get_on_meanwhile() -> None:
    admission, admitted, seen = Admission(idle()), list[int](), list[int]()

    async def newcomer(number: int) -> None:
        await admission.enter()
        admitted.append(number)

    async def in_flight() -> None:
        while len(admitted) < NEWCOMERS:
            seen.append(len(admitted))
            await asyncio.sleep(0)

    await asyncio.gather(in_flight(), *(newcomer(number) for number in range(NEWCOMERS)))
    assert admitted == list(range(NEWCOMERS))
    steps = [after - before for before, after in itertools.pairwise(seen)]
    assert max(steps) <= 2 * PER_ROUND
    assert len(seen) >= NEWCOMERS / (2 * PER_ROUND)


async def test_nobody_waits_while_few_come() -> None:
    admission = Admission(idle())
    for _ in range(3):
        tasks = [asyncio.ensure_future(admission.enter()) for _ in range(PER_ROUND)]
        await asyncio.sleep(0)
        assert all(task.done() for task in tasks)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_who_goes_away_while_waiting_holds_up_nobody() -> None:
    admission = Admission(idle())
    waiting = [asyncio.ensure_future(admission.enter()) for _ in range(3 * PER_ROUND)]
    await asyncio.sleep(0)
    gone = waiting[PER_ROUND : 2 * PER_ROUND]
    for one in gone:
        one.cancel()
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [one for one in answers if isinstance(one, BaseException)] == [
        answers[waiting.index(one)] for one in gone
    ]
    assert all(one.cancelled() for one in gone)


class Counted(Admission):
    """Counts its rounds."""

    rounds = 0

    def _next_round(self) -> None:
        self.rounds += 1
        super()._next_round()


async def test_it_stands_still_when_nobody_comes() -> None:
    admission = Counted(idle())
    await admission.enter()
    for _ in range(20):
        await asyncio.sleep(0)
    assert admission.rounds == 1
