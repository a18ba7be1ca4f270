"""CPU seconds by kind of process, which vary less than rates on a busy machine, and peak memory."""

import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil


class CpuMeter:
    """Adds up the CPU time of processes with their descendants, by kind: `heads` has the process ids of each kind."""

    def __init__(self, heads: Mapping[str, list[int]]) -> None:
        self._heads = heads

    @contextmanager
    def measuring(self) -> Iterator[dict[str, float]]:
        """Yield a dictionary that has, after the block, the seconds each kind used; `generator` are our own ended children."""
        before = self._now()
        spent: dict[str, float] = {}
        yield spent
        spent.update({kind: used - before[kind] for kind, used in self._now().items()})

    def _now(self) -> dict[str, float]:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = {kind: sum(family_cpu_s(pid) for pid in pids) for kind, pids in self._heads.items()}
        return used | {"generator": ended.ru_utime + ended.ru_stime}


def own_cpu_s() -> float:
    """User and system time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def family_cpu_s(pid: int) -> float:
    """User and system time of a process, its living descendants, and its ended children."""
    total = 0.0
    for process in family(pid):
        try:
            own = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += own.user + own.system
        if process.pid == pid:
            total += own.children_user + own.children_system
    return total


def peak_mib(pid: int) -> float:
    """The most memory a process ever had resident, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def family(pid: int) -> list[psutil.Process]:
    """A process and its living descendants."""
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


def postmaster_of(backend_pid: int) -> int:
    """The postmaster of a backend process."""
    parent = psutil.Process(backend_pid).parent()
    if parent is None:
        raise ProcessLookupError(backend_pid)
    return int(parent.pid)
