"""`jifen serve` and `jifen worker`: one server process, or several under a supervisor; the worker; the metrics.

Several server processes each have a listening socket on the same port (SO_REUSEPORT). The kernel spreads new connections over them,
and over the remaining ones as soon as a process ends.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog

from base.clock import Clock
from base.ending import end_tasks
from base.garbage import tune_garbage_collection
from base.settings import Settings
from loyalty.games.rounds import require_keys
from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.programme.publishing.publication import put_in_force
from loyalty.schema import GRANTS
from models.grants import GrantsError, rewritable
from runtime.listening import listening
from runtime.metrics import create_metrics
from runtime.ports import Door, refuse_busy
from runtime.programs import jifen
from runtime.resources import Resources, open_resources
from runtime.server import create_server
from runtime.supervisor import Supervisor, stop_with_supervisor
from tasks.job_ages import watch_jobs
from tasks.sweeps import SWEEP_LANES
from tasks.worker import run_worker

log = structlog.get_logger(__name__)


async def settle(resources: Resources) -> None:
    """Bring rounds and stock in line with the rules of now, so that a restored database serves no round of its backup.

    Raises EngineUnavailable, and KeyMissing or SealBroken when the seed of a round cannot be unsealed.
    """
    await require_keys(resources.pool, resources.settings.keyring)
    try:
        await put_in_force(resources.engine)
    except NoRulesPublished:
        log.info("no_rules_yet")


async def serve_single(settings: Settings, clock: Clock) -> None:
    """Serve with one process and the metrics, until SIGTERM or Ctrl-C.

    Raises as `open_resources`, and PortBusy for a port in use.
    """
    refuse_busy(doors_of(settings))
    stop = stop_signal()
    async with serve_metrics(settings), open_resources(settings, clock) as resources:
        await guard_ledger(resources)
        await settle(resources)
        await _serve(resources, stop, reuse_port=False)


async def serve_supervised(settings: Settings, clock: Clock, count: int, *, demo: bool) -> None:
    """Supervise `count` server processes on one port and serve the metrics, until SIGTERM or Ctrl-C.

    The supervisor first opens the resources itself, so that a fault in the installation is reported once and not by every process.
    Raises as `serve_single`, and CrashLoop.
    """
    refuse_busy(doors_of(settings))
    stop = stop_signal()
    one_of = jifen("serve", *(["--demo"] if demo else []), "--workers", str(count), "--process")
    supervisor = Supervisor(lambda number: [*one_of, str(number)], count)
    async with serve_metrics(settings):
        async with open_resources(settings, clock) as resources:
            await guard_ledger(resources)
            await settle(resources)
        await supervisor.run(stop)


async def serve_child(settings: Settings, clock: Clock) -> None:
    """Serve as one of the processes of `serve_supervised`, until SIGTERM or until the supervisor has ended."""
    stop = stop_signal()
    stop_with_supervisor(stop)
    async with open_resources(settings, clock) as resources:
        await _serve(resources, stop, reuse_port=True)


async def work(settings: Settings, clock: Clock, *, show_metrics: bool) -> None:
    """Run the worker until SIGTERM or Ctrl-C. Raises as `serve_single`.

    `show_metrics` is for a machine where no server serves the metrics.
    """
    async with AsyncExitStack() as shown:
        if show_metrics:
            refuse_busy([_metrics_door(settings)])
            await shown.enter_async_context(serve_metrics(settings))
        async with open_resources(settings, clock, lanes=SWEEP_LANES) as resources:
            await guard_ledger(resources)
            await settle(resources)
            tune_garbage_collection()
            await run_worker(resources)


def doors_of(settings: Settings) -> list[Door]:
    """The ports of a server.

    They are tried before it starts: with SO_REUSEPORT the kernel would let it share the port of another program.
    """
    return [Door("JIFEN_HTTP_PORT", settings.http_host, settings.http_port), _metrics_door(settings)]


def _metrics_door(settings: Settings) -> Door:
    return Door("JIFEN_METRICS_PORT", settings.metrics_host, settings.metrics_port)


def serve_metrics(settings: Settings) -> AbstractAsyncContextManager[int]:
    """Serve `/metrics` of all processes with this DATA_DIR while the block runs."""
    return listening(create_metrics(settings.data_dir), settings.metrics_host, settings.metrics_port)


def stop_signal() -> asyncio.Event:
    """The event that SIGTERM and Ctrl-C set from now on."""
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    return stop


async def guard_ledger(resources: Resources) -> None:
    """Warn or raise GrantsError, by JIFEN_LEDGER_GUARD, when the database role can change receipts, entries and the like."""
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


async def _serve(resources: Resources, stop: asyncio.Event, *, reuse_port: bool) -> None:
    host, port = resources.settings.http_host, resources.settings.http_port
    async with listening(create_server(resources), host, port, reuse_port=reuse_port), _watching(resources):
        tune_garbage_collection()
        log.info("serving", host=host, port=port)
        await stop.wait()


@asynccontextmanager
async def _watching(resources: Resources) -> AsyncIterator[None]:
    """Measure while the block runs how long the worker's jobs have not run."""
    watching = asyncio.create_task(watch_jobs(resources.pool))
    try:
        yield
    finally:
        await end_tasks([watching])
