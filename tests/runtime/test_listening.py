"""Listening without a proxy: slow headers and idle connections are closed, and nothing names the software."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from runtime import listening as subject
from runtime.listening import listening

GOOD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
WAIT_S = 5.0


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(subject, "HEADERS_TIMEOUT_S", 0.3)
    monkeypatch.setattr(subject, "KEEPALIVE_TIMEOUT_S", 0.6)
    app = web.Application()
    app.router.add_get("/", hello)
    async with listening(app, "127.0.0.1", 0) as port:
        yield port


async def closed_after_s(reader: asyncio.StreamReader) -> float:
    """How long it takes until the server closes the connection."""
    began = asyncio.get_running_loop().time()
    assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
    return asyncio.get_running_loop().time() - began


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send header after header, without an end."""
    writer.write(b"GET / HTTP/1.1\r\n")
    while not writer.is_closing():
        writer.write(b"X-Slow: 1\r\n")
        await asyncio.sleep(0.05)


async def test_a_connection_that_sends_nothing_is_closed(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await closed_after_s(reader) >= 0.2
    writer.close()


async def test_headers_that_drip_for_ever_are_not_waited_for(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    dripping = asyncio.create_task(drip(writer))
    await closed_after_s(reader)
    writer.close()
    await dripping


async def test_the_second_requests_headers_have_a_limit_too(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GOOD)
    assert b"hello" in await asyncio.wait_for(reader.readuntil(b"hello"), WAIT_S)
    dripping = asyncio.create_task(drip(writer))
    assert await closed_after_s(reader) >= 0.4
    writer.close()
    await dripping


async def test_a_connection_in_use_is_kept(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(4):
        writer.write(GOOD)
        await asyncio.wait_for(reader.readuntil(b"hello"), WAIT_S)
        await asyncio.sleep(0.2)
    writer.close()


@pytest.mark.parametrize(
    "sent", [GOOD, b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", b"PUT / HTTP/1.1\r\nHost: x\r\n\r\n"]
)
async def test_no_server_header(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)
    assert b"\r\nserver:" not in head.lower()
    writer.close()


async def test_unreadable_http_learns_no_version(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"nonsense\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), WAIT_S)
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert b"python" not in answer.lower()
    assert b"aiohttp" not in answer.lower()
    writer.close()
