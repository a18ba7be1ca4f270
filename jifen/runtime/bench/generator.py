"""The load: a process of its own that writes prebuilt requests on many connections and reads no more of an answer than it must.

Closed loop: each connection sends its next request when its answer has come. Open loop (`rate`): requests fall due at even
distances whether or not earlier ones were answered, and a latency counts from that moment.
"""

import asyncio
import base64
import time
from array import array
from collections import Counter, deque
from typing import Any

from jifen.runtime.bench.child import serve_child
from jifen.runtime.bench.cpu import own_cpu_s
from jifen.runtime.bench.messages import MAKERS

DRAIN_S = 8.0
PATIENCE_S = 5.0
"""How long WeChat waits for an answer."""
ANSWERED = 200
KEEP_EVERY = 997
TICK_S = 0.002
HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"\r\nContent-Length: "


class Load:
    """What is to be sent and what came back."""

    def __init__(self, plan: dict[str, Any], requests: list[bytes]) -> None:
        self.plan = plan
        self.requests = requests
        self.next = 0
        self.answered = 0
        self.in_window = 0
        self.statuses: Counter[int] = Counter()
        self.short = 0
        self.in_time = 0
        self.latencies = array("d")
        self.kept: list[bytes] = []
        self.idle: deque[Connection] = deque()
        self.due: deque[float] = deque()
        self.busy = 0
        self.lost = 0
        self.window = (0.0, 0.0)
        self.all_sent = False
        self.ended = asyncio.Event()

    def take(self, now: float) -> bytes | None:
        """The next request of a closed loop; None when time or requests are up."""
        if now >= self.window[1] or self.next >= len(self.requests):
            self.all_sent = True
            return None
        request = self.requests[self.next]
        self.next += 1
        return request

    def end_if_done(self) -> None:
        """Let the run end when all that was to be sent has been sent and answered."""
        if self.all_sent and not self.busy and not self.due:
            self.ended.set()

    def came(self, status: int, body: bytes, since: float, now: float) -> None:
        """Count an answer."""
        self.answered += 1
        self.statuses[status] += 1
        if len(body) < self.plan.get("short_below", 0):
            self.short += 1
        if self.window[0] <= now <= self.window[1]:
            self.in_window += 1
            self.latencies.append(now - since)
        elif self.plan.get("rate"):
            self.latencies.append(now - since)
        if status == ANSWERED and now - since <= PATIENCE_S:
            self.in_time += 1
        if self.answered % KEEP_EVERY == 1 or self.answered <= 3:
            self.kept.append(body)


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._since = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self.waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = transport  # type: ignore[assignment]  # TCP: it writes

    def send(self, request: bytes, since: float) -> None:
        """Write a request; `since` is when it fell due."""
        self._since, self.waiting = since, True
        self._load.busy += 1
        if self._transport is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read answers: status line, length, body."""
        if self._buffer:
            data = self._buffer + data
        head = data.find(HEAD_ENDS)
        if head < 0:
            self._buffer = data
            return
        at = data.find(LENGTH, 0, head)
        length = int(data[at + len(LENGTH) : data.index(b"\r", at + 2)]) if at >= 0 else 0
        if len(data) < head + 4 + length:
            self._buffer = data
            return
        self._buffer = b""
        now = time.perf_counter()
        self.waiting = False
        load = self._load
        load.busy -= 1
        load.came(int(data[9:12]), data[head + 4 :], self._since, now)
        if load.plan.get("rate"):
            if load.due:
                self.send(load.requests[load.next], load.due.popleft())
                load.next += 1
            else:
                load.idle.append(self)
                load.end_if_done()
            return
        request = load.take(now)
        if request is not None:
            self.send(request, now)
        else:
            load.end_if_done()

    def connection_lost(self, error: Exception | None) -> None:
        """An answer that will not come."""
        if self.waiting:
            self._load.lost += 1
            self._load.busy -= 1
            self._load.end_if_done()


async def run(plan: dict[str, Any], requests: list[bytes]) -> dict[str, Any]:
    """Send the load and say what came of it."""
    loop = asyncio.get_running_loop()
    load = Load(plan, requests)
    connections = []
    for _ in range(plan["connections"]):
        _, one = await loop.create_connection(lambda: Connection(load), "127.0.0.1", plan["port"])
        connections.append(one)
    cpu = own_cpu_s()
    began = time.perf_counter()
    load.window = (began + plan["warm_s"], began + plan["warm_s"] + plan["seconds"])
    if plan.get("rate"):
        await _open_loop(load, connections, plan["rate"])
    else:
        for one in connections:
            request = load.take(began)
            if request is not None:
                one.send(request, began)
        await _ended(load, plan["warm_s"] + plan["seconds"] + DRAIN_S)
    return _told(load, time.perf_counter(), own_cpu_s() - cpu)


async def _open_loop(load: Load, connections: list[Connection], rate: float) -> None:
    load.idle.extend(connections)
    began = time.perf_counter()
    fallen_due = 0
    total = min(len(load.requests), round(rate * (load.plan["warm_s"] + load.plan["seconds"])))
    while fallen_due < total:
        now = time.perf_counter()
        while fallen_due < total and began + fallen_due / rate <= now:
            since = began + fallen_due / rate
            fallen_due += 1
            if load.idle:
                load.idle.popleft().send(load.requests[load.next], since)
                load.next += 1
            else:
                load.due.append(since)
        await asyncio.sleep(TICK_S)
    load.all_sent = True
    load.end_if_done()
    await _ended(load, DRAIN_S)
    load.lost += len(load.due)


async def _ended(load: Load, patience_s: float) -> None:
    """Wait for the last answers; those that do not come count as lost."""
    try:
        async with asyncio.timeout(patience_s):
            await load.ended.wait()
    except TimeoutError:
        load.lost += load.busy


def _told(load: Load, now: float, cpu_s: float) -> dict[str, Any]:
    until = load.window[1] if load.next < len(load.requests) else min(now, load.window[1])
    seconds = max(until - load.window[0], 1e-9)
    ordered = sorted(load.latencies)
    return {
        "per_second": load.in_window / seconds,
        "sent": load.next,
        "answered": load.answered,
        "lost": load.lost,
        "short": load.short,
        "statuses": {str(status): count for status, count in load.statuses.items()},
        "latency_ms": {name: _at(ordered, share) * 1000 for name, share in SHARES.items()},
        "mean_s": sum(ordered) / max(len(ordered), 1),
        "within_5_s": load.in_time / max(load.answered + load.lost, 1),
        "cpu_s": cpu_s,
        "exhausted": load.next >= len(load.requests),
        "kept": [base64.b64encode(body).decode() for body in load.kept],
    }


SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


if __name__ == "__main__":
    serve_child(lambda plan: list(MAKERS[plan["kind"]](plan)), run)
