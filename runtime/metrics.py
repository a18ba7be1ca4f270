"""`/metrics` for all processes of the machine together: each writes its numbers to files in DATA_DIR/metrics, one shows them all.

The files carry the number of a slot that a process holds: prometheus_client's own way, by process id, would leave files behind for
every process that ever died. A new process goes on counting where the last one in its slot was; whoever comes when nobody is there
begins at zero. The files are allocated in full, as touching a hole of a mapped file on a full disk kills.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from runtime import slots

FILE_BYTES: Final = 256 * 1024
FILES: Final = ("counter", "histogram", "gauge_livesum", "gauge_livemostrecent")
LABELS: Final = ("process", "slot")


def share_metrics(data_dir: Path, process: str) -> None:
    """From now on let this process's metrics be shown with the others'. Once in a process, before any metric is made.

    Raises OSError when the folder cannot be used or the disk is full.
    """
    if any(metric.name.startswith("jifen_") for metric in REGISTRY.collect()):
        raise RuntimeError("metrics were made before they could be shared")
    folder = _folder(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with slots.one_at_a_time(folder):
        if not slots.holders(folder):
            for left in folder.glob("*.db"):
                left.unlink()
        number = slots.take(folder, process)
        mark_process_dead(number, str(folder))  # type: ignore[no-untyped-call]  # half typed
        for kind in FILES:
            _allocate(folder / f"{kind}_{number}.db")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]  # as above


def create_metrics(data_dir: Path) -> web.Application:
    """`GET /metrics` for Prometheus, to be served on a port of its own, not the public one.

    It needs a process of this DATA_DIR that has shared its metrics.
    """
    folder = _folder(data_dir)
    registry = CollectorRegistry()
    registry.register(Processes(folder))
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # as above

    async def metrics(_request: web.Request) -> web.Response:
        for number in slots.free_slots(folder):
            mark_process_dead(number, str(folder))  # type: ignore[no-untyped-call]  # half typed
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    application = web.Application()
    application.router.add_get("/metrics", metrics)
    return application


class Processes(Collector):
    """What each process of the house takes of the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Memory, CPU time and start of every process that holds a slot."""
        memory = GaugeMetricFamily("jifen_process_resident_memory_bytes", "Resident memory", labels=LABELS)
        cpu = CounterMetricFamily("jifen_process_cpu_seconds", "CPU time", labels=LABELS)
        start = GaugeMetricFamily("jifen_process_start_time_seconds", "Start, as unix time", labels=LABELS)
        for number, holder in slots.holders(self._folder).items():
            try:
                process = psutil.Process(holder.pid)
                times, size, since = process.cpu_times(), process.memory_info().rss, process.create_time()
            except psutil.NoSuchProcess:
                continue
            named = (holder.process, str(number))
            memory.add_metric(named, size)
            cpu.add_metric(named, times.user + times.system)
            start.add_metric(named, since)
        yield from (memory, cpu, start)


def _folder(data_dir: Path) -> Path:
    return data_dir.resolve() / "metrics"


def _allocate(path: Path) -> None:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, FILE_BYTES)
    finally:
        os.close(file)
