"""S5 and S14 below HTTP's good manners: raw bytes on the socket, ten megabytes, endless headers. No 5xx, and the house stands."""

import asyncio
import contextlib

import pytest

from tests.attacks.stalls import MOST_S, least_held_s, watched_loop
from tests.house import House
from tests.miniapp_api.client import mini, send

PATIENCE_S = 30.0
HOST = b"Host: jifen\r\n"
BAD_REQUESTS = {
    "nothing": b"\r\n\r\n",
    "no http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50 + b"\r\n\r\n",
    "other version": b"GET /healthz HTTP/9.9\r\n" + HOST + b"\r\n",
    "odd method": b"BREW /api/v1/me HTTP/1.1\r\n" + HOST + b"\r\n",
    "long line": b"GET /api/v1/me?" + b"x" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "many headers": b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: 1\r\n" % n for n in range(20_000)) + b"\r\n",
    "long header": b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
    "nul in header": b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \x00\r\n\r\n",
    "latin header": b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff\xfe\r\n\r\n",
    "folded header": b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "two lengths": b"POST /wechat HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 9\r\n\r\nxxxxxxxxx",
    "length and chunks": (
        b"POST /wechat HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n"
    ),
    "negative length": b"POST /wechat HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "huge length": b"POST /wechat HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n",
    "bad chunk": b"POST /wechat HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nxx\r\n0\r\n\r\n",
    "not gzip": b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    "odd charset": (
        b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Type: text/json; charset=x-odd\r\nContent-Length: 2\r\n\r\n{}"
    ),
    "dots": b"GET /api/v1/../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "escapes": b"GET /api/v1/redemptions/%00%ff%2e%2e HTTP/1.1\r\n" + HOST + b"\r\n",
    "broken escape": b"GET /api/v1/redemptions/%zz%E7%AD HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute": b"GET http://169.254.169.254/latest HTTP/1.1\r\n" + HOST + b"\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "tunnel": b"CONNECT 127.0.0.1:5432 HTTP/1.1\r\n" + HOST + b"\r\n",
    "upgrade": b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "expect": b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Expect: 999-odd\r\nContent-Length: 2\r\n\r\n{}",
    "split": b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"X-Request-Id: abcd1234\rSet-Cookie: a=b\r\n\r\n",
}  # fmt: skip


SILENT = {"nothing"}
"""Not a request yet: the server waits for more."""


async def answered(house: House, raw: bytes, within_s: float) -> bytes:
    """The server's first words; nothing when it has none, or hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.server_url.rsplit(":", 1)[1]))
    heard = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        writer.write(raw)
        async with asyncio.timeout(within_s):
            await writer.drain()
            heard = await reader.read(65_536)
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    return heard


async def no_requests(house: House) -> float:
    """Send each thing that is none; the longest the loop was held, in seconds."""
    async with watched_loop() as watch:
        for name, raw in BAD_REQUESTS.items():
            heard = await answered(house, raw, 0.2 if name in SILENT else PATIENCE_S)
            statuses = [line.split(b" ")[1] for line in heard.split(b"\r\n") if line.startswith(b"HTTP/1.")]
            assert len(statuses) == (name not in SILENT), (name, heard[:300])
            assert all(b"400" <= status < b"500" for status in statuses), (name, heard[:300])
            assert b"\nSet-Cookie" not in heard, name
            assert b"Traceback" not in heard, name
    return watch.longest_s


async def test_s5_requests_that_are_none(house: House) -> None:
    assert await least_held_s(lambda: no_requests(house)) <= MOST_S
    assert (await send(house, "GET", "/me")).status == 401


@pytest.mark.parametrize("path", ["/wechat", "/api/v1/session", "/api/v1/check-ins"])
async def test_s5_ten_megabytes(house: House, path: str) -> None:
    """Refused after 64 KiB at most, announced or not; the rest is not read into memory."""
    ming = await mini(house)
    port = int(house.server_url.rsplit(":", 1)[1])
    head = f"POST {path} HTTP/1.1\r\nHost: jifen\r\nAuthorization: {ming.headers['Authorization']}\r\nIdempotency-Key: k\r\n"
    for framing in ("Content-Length: 10485760\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((head + framing).encode())
        with contextlib.suppress(
            ConnectionError, TimeoutError
        ):  # it hangs up, or reads no more: both will do
            await pour(writer, chunked="chunked" in framing)
        async with asyncio.timeout(PATIENCE_S):
            heard = await reader.read(65_536)
        writer.close()
        assert heard.startswith(b"HTTP/1.1 413 "), heard[:200]
    assert (await ming.get("/me")).json["balance"] == 100


async def pour(writer: asyncio.StreamWriter, *, chunked: bool) -> None:
    """Ten megabytes of blanks. Raises ConnectionError or TimeoutError when nobody takes them."""
    part = b" " * 32_768
    for _ in range(320):
        writer.write(b"8000\r\n" + part + b"\r\n" if chunked else part)
        async with asyncio.timeout(PATIENCE_S):
            await writer.drain()
