"""A wire that can fail: between a client and PostgreSQL, Redis, WeChat, or the servers themselves.

It can be shut and opened again, fall silent, be slow, and lose an answer: the request that holds the `marker` is carried out
and its answer never comes.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

COMMIT = b"COMMIT"
DEFAULT_PORTS = {"postgresql": 5432, "postgres": 5432, "redis": 6379}
CONNECTION_ENDS = (ConnectionError, TimeoutError, asyncio.CancelledError)


@dataclass(frozen=True)
class Place:
    """Where something listens: a unix socket's `path`, or `host` and `port`."""

    path: str = ""
    host: str = ""
    port: int = 0

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to it. Raises OSError when nobody listens."""
        if self.path:
            return await asyncio.open_unix_connection(self.path)
        return await asyncio.open_connection(self.host, self.port)


def place_of(url: str) -> Place:
    """What a URL names: postgresql:// (a unix socket's folder in `?host=`), unix://, or any with host and port."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme == "unix":
        return Place(parts.path)
    port = int(query.get("port", [str(parts.port or DEFAULT_PORTS.get(parts.scheme, 80))])[0])
    if folder := query.get("host", [""])[0]:
        return Place(f"{folder}/.s.PGSQL.{port}")
    return Place(host=parts.hostname or "127.0.0.1", port=port)


@dataclass
class Proxy:
    """One wire; `url` is the way through it.

    While `cuts` lasts, each `every`-th request with `marker` in it is carried out and its answer lost: the connection ends, or,
    with `hangs`, stays open and silent, and `lost_one` is set. `lost` counts them, `seen` the requests with the marker.
    """

    behind: list[Place]
    url: str = ""
    marker: bytes = COMMIT
    cuts: int = 0
    every: int = 1
    hangs: bool = False
    lost: int = 0
    seen: int = 0
    delay_s: float = 0.0
    lost_one: asyncio.Event = field(default_factory=asyncio.Event)
    _listener: asyncio.Server | None = None
    _port: int = 0
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)
    _speaking: asyncio.Event = field(default_factory=asyncio.Event)
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1, the same after every `open`."""
        return self._port

    @property
    def is_open(self) -> bool:
        """Whether it takes connections."""
        return self._listener is not None

    @property
    def connected(self) -> int:
        """How many connections stand."""
        return len(self._ends) // 2

    async def open(self) -> None:
        """Listen; after `shut` on the same port again."""
        self._speaking.set()
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """End every connection and refuse new ones."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.hang_up()
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def hang_up(self) -> None:
        """End every connection, as a network does that forgets them."""
        for end in list(self._ends):
            end.transport.abort()

    def fall_silent(self) -> None:
        """Let nothing through either way, and tell nobody: packets are lost from now on."""
        self._speaking.clear()

    def speak(self) -> None:
        """Let through what came meanwhile and what comes."""
        self._speaking.set()

    def lose_answers(
        self, times: int, marker: bytes = COMMIT, *, every: int = 1, hangs: bool = False
    ) -> None:
        """Lose the answers to `times` requests with `marker` in them: to the next ones, or to each `every`-th."""
        self.marker, self.cuts, self.every, self.hangs = marker, times, every, hangs
        self.seen = 0
        self.lost_one.clear()

    def behave(self) -> None:
        """Be an ordinary wire again, except that one that was shut stays so."""
        self.cuts, self.every, self.hangs, self.delay_s = 0, 1, False, 0.0
        self.speak()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with contextlib.suppress(*CONNECTION_ENDS):
            await task

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await self._connect()
        if there is None:
            writer.transport.abort()
            return
        there_reader, there_writer = there
        ends, cut = {writer, there_writer}, asyncio.Event()
        self._ends |= ends
        ways = [
            asyncio.ensure_future(self._forward(reader, there_writer, cut)),
            asyncio.ensure_future(self._back(there_reader, writer, cut)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._ends -= ends
            for end in ends:
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The next of those behind, or whichever of them is there."""
        first = next(self._turn)
        for step in range(len(self.behind)):
            with contextlib.suppress(OSError):
                return await self.behind[(first + step) % len(self.behind)].connect()
        return None

    async def _forward(
        self, reader: asyncio.StreamReader, there: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            await self._speaking.wait()
            if self.marker in data:
                self.seen += 1
                if self.cuts and self.seen % self.every == 0:
                    self.cuts -= 1
                    cut.set()
            there.write(data)
            await there.drain()

    async def _back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            if cut.is_set():
                self.lost += 1
                self.lost_one.set()
                if not self.hangs:
                    return
                await asyncio.Event().wait()
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            await self._speaking.wait()
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def open_proxy(*urls: str) -> AsyncIterator[Proxy]:
    """A wire to what the URL names; `url` is the same address through it. Several are taken in turn."""
    proxy = Proxy([place_of(url) for url in urls])
    await proxy.open()
    proxy.url = _through(urls[0], proxy.port)
    try:
        yield proxy
    finally:
        await proxy.shut()


def _through(url: str, port: int) -> str:
    parts = urlsplit(url)
    host = f"127.0.0.1:{port}"
    if parts.scheme == "unix":
        return parts._replace(scheme="redis", netloc=host, path="").geturl()
    query = {name: value[-1] for name, value in parse_qs(parts.query).items() if name not in ("host", "port")}
    if parts.scheme.startswith("postgres"):
        query["sslmode"] = "disable"
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(netloc=user + host, query=urlencode(query)).geturl()
