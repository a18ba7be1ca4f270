"""Migrating as a process of its own, as `jifen migrate` does it: one that can be killed, or meet another."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process

PROGRAM = "import asyncio, sys; from models.database import migrate; asyncio.run(migrate(sys.argv[1]))"


async def start_migrating(url: str) -> Process:
    """A process that migrates the database at `url`, begun; what it complains of can be read."""
    return await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, url, stderr=PIPE)
