"""An aiohttp handler that returns constant bytes: the baseline of `GET /api/v1/me`, and a stand-in for WeChat's API."""

import asyncio
import signal
from typing import Any

from aiohttp import web

from bench.child import child_main


async def serve(plan: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Answer every request with `body`, on a port shared with other such processes, until SIGTERM."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", plan["port"], reuse_port=True).start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await runner.cleanup()
    return {}


if __name__ == "__main__":
    child_main(lambda plan: str(plan["body"]).encode(), serve)
