"""A stand-in for the points server's webhook, built on aiohttp and wechatpy, so that an independent consumer reads
what the emulator pushes."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from tests.emulator.harness import AES_KEY, MINIAPP_APP_ID, OA_APP_ID

Answer = Callable[["Webhook", web.Request, str], Awaitable[web.Response]]
TOKEN = "oaToken"


async def silent(_hook: "Webhook", _request: web.Request, _message: str) -> web.Response:
    return web.Response(text="success")


@dataclass
class Webhook:
    """What was pushed, raw and decrypted, and how to answer."""

    url: str = ""
    answer: Answer = silent
    requests: list[dict[str, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def crypto(self, app_id: str = OA_APP_ID) -> WeChatCrypto:
        return WeChatCrypto(TOKEN, AES_KEY, app_id)

    def fields(self, place: int = -1) -> dict[str, str]:
        """The top fields of a pushed XML message."""
        return {child.tag: child.text or "" for child in ElementTree.fromstring(self.messages[place])}  # noqa: S314 -- XML of this test

    async def handle(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return web.Response(text=query["echostr"])
        body = await request.text()
        message = self._open(body, query)
        self.requests.append(query)
        self.bodies.append(body)
        self.messages.append(message)
        self.arrived.set()
        return await self.answer(self, request, message)

    def _open(self, body: str, query: dict[str, str]) -> str:
        if query.get("encrypt_type") != "aes":
            return body
        if body.startswith("{"):
            sealed: Any = json.loads(body)
        else:
            sealed = body
        app_id = MINIAPP_APP_ID if query["openid"] in self.miniapp_openids else OA_APP_ID
        opened = self.crypto(app_id).decrypt_message(
            sealed, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return str(opened)

    miniapp_openids: set[str] = field(default_factory=set)


@asynccontextmanager
async def listening_webhook(answer: Answer = silent) -> AsyncIterator[Webhook]:
    hook = Webhook(answer=answer)
    app = web.Application()
    app.router.add_route("*", "/wechat", hook.handle)
    server = TestServer(app)
    await server.start_server()
    hook.url = str(server.make_url("/wechat"))
    try:
        yield hook
    finally:
        await server.close()
