"""`/metrics` of all processes of the machine: each writes its numbers to files in DATA_DIR/metrics, and one serves them.

A file is named by the number of the slot that its process holds (runtime/slots.py). prometheus_client would name it by process id,
which leaves a file behind for every process that has ended. A new process continues the counts of the last one in its slot; when no
process was running, all counts start at zero. Files are allocated in full, because writing to a hole of a mapped file on a full
disk kills the process.
"""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
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
FILES: Final = (
    "counter",
    "histogram",
    "gauge_livemin",
    "gauge_livemax",
    "gauge_livesum",
    "gauge_livemostrecent",
)
LABELS: Final = ("process", "slot")


def share_metrics(data_dir: Path, process: str) -> None:
    """Write this process's metrics to shared files from now on. Call it once, before any metric is created.

    Raises OSError when the folder cannot be used or the disk is full, RuntimeError when it is called too late.
    """
    if any(metric.name.startswith("jifen_") for metric in REGISTRY.collect()):
        raise RuntimeError("metrics were created before they could be shared")
    folder = _folder(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with slots.locked(folder):
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
    """The application that answers `GET /metrics`; serve it on a port of its own, not on the public one.

    It needs a process with this DATA_DIR that has called `share_metrics`.
    """
    folder = _folder(data_dir)
    registry = CollectorRegistry()
    registry.register(Processes(folder))
    registry.register(BuildInfo())
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # as above

    async def metrics(_request: web.Request) -> web.Response:
        for number in slots.free_slots(folder):
            mark_process_dead(number, str(folder))  # type: ignore[no-untyped-call]  # half typed
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    application = web.Application()
    application.router.add_get("/metrics", metrics)
    return application


class Processes(Collector):
    """Memory and CPU time of each of our processes on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Memory, CPU time and start time of every process that holds a slot."""
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


class BuildInfo(Collector):
    """The version of the program, as a constant 1 with labels, so that a graph can mark an upgrade."""

    def collect(self) -> Iterator[Metric]:
        """One gauge."""
        info = GaugeMetricFamily("jifen_build_info", "Version of the program", labels=("version", "python"))
        info.add_metric((version("jifen"), platform.python_version()), 1)
        yield info


def _folder(data_dir: Path) -> Path:
    return data_dir.resolve() / "metrics"


def _allocate(path: Path) -> None:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, FILE_BYTES)
    finally:
        os.close(file)
