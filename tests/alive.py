"""Waiting for a program that serves HTTP."""

import asyncio

import httpx

from tests.runtime.forked import Forked


async def until_alive(address: str, program: Forked) -> None:
    """Wait until the program answers at `/healthz`. Raises AssertionError if it ends before."""
    async with httpx.AsyncClient(trust_env=False) as client:
        while program.returncode is None:
            try:
                if (await client.get(f"{address}/healthz")).is_success:
                    return
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
    raise AssertionError(f"the program at {address} ended with {program.returncode}")
