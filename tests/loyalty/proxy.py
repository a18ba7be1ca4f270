"""A wire to PostgreSQL that can be cut: after COMMIT was forwarded and answered, before the answer comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

COMMIT = b"COMMIT\x00"


@dataclass
class Proxy:
    """`url` goes through the wire; while `cuts` lasts, each COMMIT is carried out and its answer lost."""

    url: str
    cuts: int = 0
    lost: int = 0


@asynccontextmanager
async def open_proxy(database_url: str) -> AsyncIterator[Proxy]:
    """A wire between a pool and the database of that URL (a unix socket's folder in `?host=`, or host and port)."""
    parts = urlsplit(database_url)
    query = parse_qs(parts.query)
    folder, port = query.get("host", [""])[0], int(query.get("port", [str(parts.port or 5432)])[0])
    proxy = Proxy("")
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = (
            await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
            if folder
            else await asyncio.open_connection(parts.hostname, port)
        )
        writers.update((writer, server_writer))
        cut = asyncio.Event()
        await asyncio.gather(
            _forward(reader, server_writer, proxy, cut), _back(server_reader, writer, proxy, cut)
        )

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = listener.sockets[0].getsockname()
    credentials = f"{parts.username}:{parts.password}" if parts.password else f"{parts.username}"
    proxy.url = f"postgresql://{credentials}@{address[0]}:{address[1]}{parts.path}"
    try:
        yield proxy
    finally:
        listener.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.05)


async def _forward(
    reader: asyncio.StreamReader, server: asyncio.StreamWriter, proxy: Proxy, cut: asyncio.Event
) -> None:
    while data := await reader.read(65536):
        if proxy.cuts and COMMIT in data:
            proxy.cuts -= 1
            cut.set()
        server.write(data)
    server.close()


async def _back(
    server: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: Proxy, cut: asyncio.Event
) -> None:
    while data := await server.read(65536):
        if cut.is_set():
            proxy.lost += 1
            break
        writer.write(data)
    writer.close()
