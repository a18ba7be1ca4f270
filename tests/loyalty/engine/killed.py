"""A process that dies between a sign-in's commit and what it owes.

`python -m tests.loyalty.engine.killed URL MEMBER KEY INSTANT`
"""

import asyncio
import os
import signal
import sys
from datetime import datetime

import asyncpg

from base.clock import MovableClock
from loyalty.checkin.commands import CheckIn
from loyalty.engine.reads import ReadRequest
from loyalty.opening import open_engine
from tests.ledger import KEYS, ZONE
from tests.loyalty.engine.invented import ALL, RULE


async def die(_: ReadRequest) -> None:
    """No farewell: what runs in a `finally` does not run."""
    os.kill(os.getpid(), signal.SIGKILL)


async def main() -> None:
    """Sign one member in; the lantern that the sign-in owes is the end of this process."""
    url, member, key, instant = sys.argv[1:]
    at = datetime.fromisoformat(instant)
    RULE.while_lighting = die
    async with (
        asyncpg.create_pool(url, min_size=1, max_size=2) as pool,
        open_engine(pool, MovableClock(at), ZONE, KEYS, features=ALL) as engine,
    ):
        await engine.run(CheckIn(member_id=int(member), request_key=key, at=at))


if __name__ == "__main__":
    asyncio.run(main())
