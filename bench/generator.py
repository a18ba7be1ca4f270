"""The load generator: a process that writes prebuilt requests on many connections and parses only status and length of responses.

Closed loop: each connection sends its next request after the response to the last one. Open loop (`rate` in the plan): requests are
due at even intervals, whether or not earlier ones were answered; a latency counts from the due time; and a connection without a
response within five seconds is closed and opened again, as WeChat does.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from functools import partial
from typing import Any

from typing_extensions import override

from bench.chat_answers import SIGNED_IN, kind_of
from bench.child import child_main
from bench.cpu import own_cpu_s
from bench.messages import MAKERS
from bench.tally import CLIENT_TIMEOUT_S, Tally

HOST = "127.0.0.1"
DRAIN_S = 8.0
TICK_S = 0.002
HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"\r\nContent-Length: "


class Loop(ABC):
    """Decides when a connection sends which request."""

    def __init__(self, port: int, requests: list[bytes], tally: Tally) -> None:
        self.port, self.requests, self.tally = port, requests, tally
        self.busy = 0
        self.ended = asyncio.Event()

    async def connect(self) -> "Connection":
        """One more connection."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self), HOST, self.port)
        return connection

    def send_next(self, connection: "Connection", since: float, now: float) -> None:
        """Send the next request, due at `since`, on an idle connection."""
        self.busy += 1
        connection.send(self.requests[self.tally.sent], since, now)
        self.tally.sent += 1

    @property
    def exhausted(self) -> bool:
        """Whether all requests are sent."""
        return self.tally.sent >= len(self.requests)

    @abstractmethod
    async def run(self, connections: "list[Connection]") -> None:
        """Send the load and wait for its answers."""

    @abstractmethod
    def free(self, connection: "Connection", now: float) -> None:
        """Handle a connection that has received its response."""

    @abstractmethod
    def gone(self, connection: "Connection") -> None:
        """Handle a closed connection."""

    async def wait(self, timeout_s: float) -> None:
        """Wait for the last responses; those that do not arrive count as lost."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.ended.wait()
        except TimeoutError:
            self.tally.lost += self.busy


class ClosedLoop(Loop):
    """Keeps one request in flight on every connection."""

    @override
    async def run(self, connections: "list[Connection]") -> None:
        for connection in connections:
            self.free(connection, time.perf_counter())
        await self.wait(self.tally.window[1] - time.perf_counter() + DRAIN_S)

    @override
    def free(self, connection: "Connection", now: float) -> None:
        if now < self.tally.window[1] and not self.exhausted:
            self.send_next(connection, now, now)
        elif not self.busy:
            self.ended.set()

    @override
    def gone(self, connection: "Connection") -> None:
        if not self.busy:
            self.ended.set()


class OpenLoop(Loop):
    """Sends requests at a rate. A due request without an idle connection waits for one, and its latency includes the wait."""

    def __init__(self, plan: dict[str, Any], requests: list[bytes], tally: Tally) -> None:
        fall_due = round(plan["rate"] * (plan["warm_s"] + plan["seconds"]))
        super().__init__(plan["port"], requests[:fall_due], tally)
        self._rate = plan["rate"]
        self._timeout_s = plan.get("timeout_s", CLIENT_TIMEOUT_S)
        self._due: deque[float] = deque()
        self._idle: deque[Connection] = deque()
        self._sent: deque[tuple[float, Connection]] = deque()
        self._reconnecting: set[asyncio.Task[None]] = set()

    @override
    async def run(self, connections: "list[Connection]") -> None:
        self._idle.extend(connections)
        began, fallen_due = time.perf_counter(), 0
        until = began + len(self.requests) / self._rate + DRAIN_S
        while (now := time.perf_counter()) < until and not self._is_over(fallen_due):
            while fallen_due < len(self.requests) and began + fallen_due / self._rate <= now:
                self._due.append(began + fallen_due / self._rate)
                fallen_due += 1
            self._hang_up(now)
            self._send()
            await asyncio.sleep(TICK_S)
        self.tally.lost += self.busy + len(self._due)

    def _is_over(self, fallen_due: int) -> bool:
        return fallen_due == len(self.requests) and not self.busy and not self._due

    def _send(self) -> None:
        now = time.perf_counter()
        while self._due and self._idle:
            connection = self._idle.popleft()
            if not connection.closed:
                self._sent.append((now, connection))
                self.send_next(connection, self._due.popleft(), now)

    def _hang_up(self, now: float) -> None:
        while self._sent and self._sent[0][0] < now - self._timeout_s:
            at, connection = self._sent.popleft()
            if connection.sent_at == at:
                connection.hang_up()

    @override
    def free(self, connection: "Connection", now: float) -> None:
        self._idle.append(connection)
        self._send()

    @override
    def gone(self, connection: "Connection") -> None:
        task = asyncio.create_task(self._reconnect())
        self._reconnecting.add(task)
        task.add_done_callback(self._reconnecting.discard)

    async def _reconnect(self) -> None:
        try:
            self._idle.append(await self.connect())
        except OSError:
            return  # the server accepts no more: there is one connection fewer, and due requests wait for the others


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request in flight."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._buffer = b""
        self._since = 0.0
        self._transport: asyncio.Transport | None = None
        self.sent_at: float | None = None
        self.closed = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # TCP: it writes

    def send(self, request: bytes, since: float, now: float) -> None:
        """Write a request; `since` is when it was due."""
        self._since, self.sent_at = since, now
        if self._transport is not None:
            self._transport.write(request)

    def hang_up(self) -> None:
        """Close the connection without waiting for the response."""
        if self._transport is not None:
            self._transport.abort()

    @override
    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        head = data.find(HEAD_ENDS)
        at = data.find(LENGTH, 0, max(head, 0))
        length = int(data[at + len(LENGTH) : data.index(b"\r", at + 2)]) if at >= 0 else 0
        if head < 0 or len(data) < head + 4 + length:
            self._buffer = data
            return
        self._buffer, self.sent_at = b"", None
        now = time.perf_counter()
        self._loop.busy -= 1
        self._loop.tally.count_answer(int(data[9:12]), data[head + 4 :], self._since, now)
        self._loop.free(self, now)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self.sent_at is not None:
            self._loop.tally.lost += 1
            self._loop.busy -= 1
        self._loop.gone(self)


async def run(plan: dict[str, Any], requests: list[bytes]) -> dict[str, Any]:
    """Send the load and return the figures."""
    length_s = plan["warm_s"] + plan["seconds"]
    is_chat = plan["kind"] == "sign_ins"
    tally = Tally(short_below=plan["short_below"], keep_all=is_chat)
    loop: Loop = ClosedLoop(plan["port"], requests, tally)
    if plan.get("rate"):
        loop = OpenLoop(plan, requests, tally)
    connections = [await loop.connect() for _ in range(plan["connections"])]
    tally.began, cpu_s = time.perf_counter(), own_cpu_s()
    tally.window = (tally.began + plan["warm_s"], tally.began + length_s)
    await loop.run(connections)
    spent = {"cpu_s": own_cpu_s() - cpu_s}
    figures = tally.as_json(exhausted=loop.exhausted) | spent
    return (
        figures | tally.kinds(partial(kind_of, plan), SIGNED_IN, exhausted=loop.exhausted)
        if is_chat
        else figures
    )


if __name__ == "__main__":
    child_main(lambda plan: list(MAKERS[plan["kind"]](plan)), run)
