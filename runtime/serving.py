"""`jifen serve` and `jifen worker`: one server process, or several on one port with a supervisor above them; the worker; metrics.

Each of several has a listening socket of its own on the same port (SO_REUSEPORT): the kernel spreads new connections over them, and
after a death gives all to the others at once.
"""

import asyncio
import gc
import signal
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import structlog

from base.clock import Clock
from base.settings import Settings
from loyalty.schema import GRANTS
from models.grants import GrantsError, rewritable
from runtime.metrics import create_metrics
from runtime.programs import jifen
from runtime.resources import Resources, open_resources
from runtime.server import create_server, listening
from runtime.supervisor import Supervisor, leave_with_supervisor
from tasks.sweeps import SWEEP_LANES
from tasks.worker import run_worker

log = structlog.get_logger(__name__)

NEW_OBJECTS = 50_000


async def serve_alone(settings: Settings, clock: Clock) -> None:
    """One process and the metrics, until SIGTERM or Ctrl-C. Raises as `open_resources`, and OSError for a port that is taken."""
    stop = stop_signal()
    async with metrics_shown(settings), open_resources(settings, clock) as resources:
        await guard_ledger(resources)
        await _serve(resources, stop, together=False)


async def serve_together(settings: Settings, clock: Clock, count: int, *, demo: bool) -> None:
    """`count` processes on one port, their supervisor and the metrics, until SIGTERM or Ctrl-C.

    The supervisor first opens itself what every process will need, so that what is wrong is told once. Raises as `serve_alone`, and
    KeepsFailing.
    """
    stop = stop_signal()
    one_of = jifen("serve", *(["--demo"] if demo else []), "--workers", str(count), "--process")
    supervisor = Supervisor(lambda number: [*one_of, str(number)], count)
    async with metrics_shown(settings):
        async with open_resources(settings, clock) as resources:
            await guard_ledger(resources)
            await _port_is_free(settings)
        await supervisor.run(stop)


async def serve_as_one_of(settings: Settings, clock: Clock) -> None:
    """One of the processes of `serve_together`, until SIGTERM or until the supervisor is gone."""
    stop = stop_signal()
    leave_with_supervisor(stop)
    async with open_resources(settings, clock) as resources:
        await _serve(resources, stop, together=True)


async def work(settings: Settings, clock: Clock, *, show_metrics: bool) -> None:
    """The worker, until SIGTERM or Ctrl-C; with the metrics where no server on this machine shows them. Raises as `serve_alone`."""
    async with AsyncExitStack() as shown:
        if show_metrics:
            await shown.enter_async_context(metrics_shown(settings))
        async with open_resources(settings, clock, lanes=SWEEP_LANES) as resources:
            await guard_ledger(resources)
            collect_seldom()
            await run_worker(resources)


def metrics_shown(settings: Settings) -> AbstractAsyncContextManager[int]:
    """Serve `/metrics` of all processes of this DATA_DIR while the block runs."""
    return listening(create_metrics(settings.data_dir), settings.metrics_host, settings.metrics_port)


def stop_signal() -> asyncio.Event:
    """What SIGTERM and Ctrl-C set from now on."""
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    return stop


async def guard_ledger(resources: Resources) -> None:
    """Warn, or raise GrantsError, when the database role could change receipts, entries and other facts; as the settings say."""
    if resources.settings.ledger_guard == "off":
        return
    tables = await rewritable(resources.pool, GRANTS)
    if tables and resources.settings.ledger_guard == "refuse":
        raise GrantsError(
            f"现在的数据库角色可以改动或删除账目（{'、'.join(tables)}），按 JIFEN_LEDGER_GUARD=refuse 拒绝启动；"
            "请改用一个由 jifen migrate --app-role 授权的角色。"
        )
    if tables:
        log.warning("ledger_can_be_rewritten", tables=tables)


async def _serve(resources: Resources, stop: asyncio.Event, *, together: bool) -> None:
    host, port = resources.settings.http_host, resources.settings.http_port
    async with listening(create_server(resources), host, port, together=together):
        collect_seldom()
        log.info("serving", host=host, port=port)
        await stop.wait()


def collect_seldom() -> None:
    """Let the garbage collector look at what is new only, and not twice a request: hardly anything here is a cycle.

    At Python's own threshold of 700 it ran every second request, over all that was in flight.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


async def _port_is_free(settings: Settings) -> None:
    """Raise OSError when somebody else listens there: with SO_REUSEPORT the kernel would let us share it."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(asyncio.Protocol, settings.http_host, settings.http_port)
    server.close()
    await server.wait_closed()
