"""A process of its own with an engine of its own: `python -m tests.loyalty.storm URL`.

Each line of its input is a JSON object {at, commands: [[name, fields], …]}; all are run at once, and the line it prints holds
the code and the `replayed` of each outcome, or the name of an error.
"""

import asyncio
import json
import sys
from datetime import datetime
from typing import Any

import asyncpg

from base.clock import MovableClock
from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.expiry.commands import Book
from loyalty.games.commands import Draw
from loyalty.opening import open_engine
from loyalty.referral.commands import BindReferral, RewardReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.welcome import Welcome
from tests.ledger import KEYS, ZONE

KINDS: dict[str, type[Command]] = {
    kind.__name__: kind
    for kind in (
        CheckIn, Draw, Redeem, Cancel, Welcome, Book,
        BindReferral, RewardReferral,
    )
}  # fmt: skip


async def storm(pool: asyncpg.Pool, line: str) -> list[list[Any]]:
    """Run the line's commands at once in an engine of this process."""
    asked = json.loads(line)
    at = datetime.fromisoformat(asked["at"])
    async with open_engine(pool, MovableClock(at), ZONE, KEYS) as engine:
        answers = await asyncio.gather(
            *(engine.run(KINDS[name](at=at, **fields)) for name, fields in asked["commands"]),
            return_exceptions=True,
        )
    return [
        [type(answer).__name__, False]
        if isinstance(answer, BaseException)
        else [answer.outcome.code, answer.replayed]
        for answer in answers
    ]


async def main() -> None:
    """Answer line by line until the input ends."""
    async with asyncpg.create_pool(sys.argv[1], min_size=2, max_size=4) as pool:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await storm(pool, line)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
