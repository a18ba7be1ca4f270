"""The turnstile: a few a round, first come first in, and those in hand get on in between."""

import asyncio
import itertools

from bot.turnstile import A_ROUND, Turnstile

NEWCOMERS = 10 * A_ROUND


async def test_a_crowd_comes_in_by_turns_and_others_get_on_meanwhile() -> None:
    turnstile, let_in, seen = Turnstile(), list[int](), list[int]()

    async def newcomer(number: int) -> None:
        await turnstile.enter()
        let_in.append(number)

    async def in_hand() -> None:
        while len(let_in) < NEWCOMERS:
            seen.append(len(let_in))
            await asyncio.sleep(0)

    await asyncio.gather(in_hand(), *(newcomer(number) for number in range(NEWCOMERS)))
    assert let_in == list(range(NEWCOMERS))
    steps = [after - before for before, after in itertools.pairwise(seen)]
    assert max(steps) <= 2 * A_ROUND
    assert len(seen) >= NEWCOMERS / (2 * A_ROUND)


async def test_nobody_waits_while_few_come() -> None:
    turnstile = Turnstile()
    for _ in range(3):
        tasks = [asyncio.ensure_future(turnstile.enter()) for _ in range(A_ROUND)]
        await asyncio.sleep(0)
        assert all(task.done() for task in tasks)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_who_goes_away_while_waiting_holds_up_nobody() -> None:
    turnstile = Turnstile()
    waiting = [asyncio.ensure_future(turnstile.enter()) for _ in range(3 * A_ROUND)]
    await asyncio.sleep(0)
    gone = waiting[A_ROUND : 2 * A_ROUND]
    for one in gone:
        one.cancel()
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [one for one in answers if one is not None] == [answers[waiting.index(one)] for one in gone]
    assert all(one.cancelled() for one in gone)


class Counted(Turnstile):
    """Counts its rounds."""

    rounds = 0

    def _turn(self) -> None:
        self.rounds += 1
        super()._turn()


async def test_it_stands_still_when_nobody_comes() -> None:
    turnstile = Counted()
    await turnstile.enter()
    for _ in range(20):
        await asyncio.sleep(0)
    assert turnstile.rounds == 1
