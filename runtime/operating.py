"""`jifen console`: the operators' pages, in a process of their own beside the server."""

import asyncio
import signal

import structlog

from base.clock import Clock
from base.settings import Settings
from console.app import create_console, make_server
from operators.jobs.runner import running_jobs
from runtime.ports import Door, refuse_busy
from runtime.resources import open_resources

log = structlog.get_logger(__name__)

ENGINE_LANES = 2
"""Operators give few commands, and the database's connections are for the server."""


async def serve_console(settings: Settings, clock: Clock) -> None:
    """Serve the console until SIGTERM or Ctrl-C. Raises as `open_resources`, and PortBusy for a port in use."""
    refuse_busy([Door("JIFEN_CONSOLE_PORT", settings.console_host, settings.console_port)])
    # uvicorn raises the signal once more when it has stopped serving, which must not end the process before its jobs are left.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
    async with open_resources(settings, clock, lanes=ENGINE_LANES) as resources, running_jobs(resources):
        log.info("console_serving", host=settings.console_host, port=settings.console_port)
        await make_server(create_console(resources), settings.console_host, settings.console_port).serve()
