"""A running emulator for tests: a real server on a free port, in the test's own event loop.

async with running_emulator(tmp_path, webhook_url) as emulator:
    phone = await emulator.phone("小明")
    answer = await phone.follow()
"""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from emulator.app import GRACE_S, HOST, create_app, make_server
from emulator.config import EmulatorConfig
from emulator.phones import phone_of
from emulator.world import World

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OA_APP_ID = "wx0a00000000000001"
MINIAPP_APP_ID = "wx0b00000000000002"
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The emulator speaks plain HTTP; to read all the certificates of the machine for each client would take longer than most tests."""


@dataclass
class MovableClock:
    """A clock that stands still until it is moved."""

    instant: datetime = START

    def now(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Phone:
    """A member's phone; every action returns the JSON of the control API."""

    emulator: "Emulator"
    phone_id: str
    oa_openid: str
    miniapp_openid: str
    unionid: str | None

    async def follow(self, scene: str | None = None) -> Any:
        return await self._act("follow", {} if scene is None else {"scene": scene})

    async def unfollow(self) -> Any:
        return await self._act("unfollow")

    async def scan(self, scene: str | None = None, ticket: str | None = None) -> Any:
        return await self._act("scan", {"scene": scene} if ticket is None else {"ticket": ticket})

    async def say(self, text: str) -> Any:
        return await self._act("say", {"text": text})

    async def tap(self, key: str) -> Any:
        return await self._act("tap", {"key": key})

    async def login(self) -> str:
        return str((await self._act("login"))["code"])

    async def phone_number(self) -> str:
        return str((await self._act("phone-number"))["code"])

    @property
    def number(self) -> str:
        """The phone number of its card."""
        return str(phone_of(self.emulator.world, self.phone_id)["phone_number"])

    async def subscribe(self, template_id: str, accept: bool = True) -> Any:
        return await self._act("subscribe", {"template_id": template_id, "accept": accept})

    async def block(self, blocked: bool = True) -> Any:
        return await self._act("block", {"blocked": blocked})

    async def state(self) -> Any:
        return await self.emulator.control("GET", f"/phones/{self.phone_id}")

    async def inbox(self, channel: str | None = None) -> list[Any]:
        items = await self.emulator.control("GET", f"/phones/{self.phone_id}/inbox")
        return [item for item in items if channel in (None, item["channel"])]

    async def _act(self, action: str, body: dict[str, object] | None = None) -> Any:
        return await self.emulator.control("POST", f"/phones/{self.phone_id}/{action}", body)


@dataclass
class Emulator:
    """A running emulator: its address, its settings, its control API, and its platform paths."""

    base_url: str
    config: EmulatorConfig
    clock: MovableClock
    client: httpx.AsyncClient
    world: World
    _tokens: dict[str, str] = field(default_factory=dict)

    async def control(self, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        """Call the control API. Raises httpx.HTTPStatusError for a refusal."""
        content = None if body is None else json.dumps(body)  # escapes, as UTF-8 has no half surrogate pairs
        headers = {"Content-Type": "application/json"}
        response = await self.client.request(method, f"/emulator/v1{path}", content=content, headers=headers)
        response.raise_for_status()
        return response.json()

    async def phone(self, name: str = "小明", unionid: bool = True) -> Phone:
        """A new phone."""
        made = await self.control("POST", "/phones", {"name": name, "unionid": unionid})
        return Phone(self, *(made[key] for key in ("phone_id", "oa_openid", "miniapp_openid", "unionid")))

    async def fault(self, path: str, kind: str, value: object = None, times: int = 1) -> None:
        """Inject a fault `times` times."""
        await self.control("POST", "/faults", {"path": path, "kind": kind, "value": value, "times": times})

    async def pushes(self) -> list[Any]:
        """The push log, after what is under way in the background has finished."""
        while self.world.background:
            await asyncio.wait(set(self.world.background))
        log = await self.control("GET", "/pushes")
        assert isinstance(log, list)
        return log

    async def token(self, kind: str = "oa") -> str:
        """A stable token of one account, as long as the clock leaves it alive."""
        account = self.config.oa if kind == "oa" else self.config.miniapp
        given = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.secret}
        answer = await self.client.post("/cgi-bin/stable_token", json=given)
        return str(answer.json()["access_token"])

    async def call(self, path: str, body: object = None, kind: str = "oa", **query: str) -> Any:
        """Call a platform path with a fresh token: POST when there is a body. Returns the JSON answer."""
        params = {"access_token": await self.token(kind), **query}
        if body is None:
            return (await self.client.get(path, params=params)).json()
        return (await self.client.post(path, params=params, json=body)).json()


def made_up_config(tmp_path: Path, webhook_url: str, **overrides: Any) -> EmulatorConfig:
    """A configuration of made-up accounts."""
    values: dict[str, Any] = {
        "database_path": tmp_path / "emulator.sqlite",
        "port": 0,
        "oa_app_id": OA_APP_ID,
        "oa_app_secret": "oa-secret",
        "oa_token": "oaToken",
        "oa_encoding_aes_key": AES_KEY,
        "message_mode": "safe",
        "miniapp_app_id": MINIAPP_APP_ID,
        "miniapp_app_secret": "miniapp-secret",
        "webhook_url": webhook_url,
        "api_base_url": "http://127.0.0.1:8080",
    }
    return EmulatorConfig(**{**values, **overrides})


@asynccontextmanager
async def running_emulator(
    tmp_path: Path,
    webhook_url: str,
    now: Callable[[], datetime] | None = None,
    advance: Callable[[int], object] | None = None,
    clock: MovableClock | None = None,
    **overrides: Any,
) -> AsyncIterator[Emulator]:
    """An emulator on `port` (an override; 0 picks a free one). `overrides` replace fields of EmulatorConfig.

    Without `now` and `advance` the emulator goes by `clock`, by default one that stands still at `START`.
    """
    clock = clock or MovableClock()
    config = made_up_config(tmp_path, webhook_url, **overrides)
    app = create_app(config, now or clock.now, advance or clock.advance, phone_page=False)
    listener = socket.create_server((HOST, config.port))
    base_url = f"http://{HOST}:{listener.getsockname()[1]}"
    async with (
        serving(make_server(app, config.port), listener),
        httpx.AsyncClient(base_url=base_url, verify=NO_CERTIFICATES, trust_env=False, timeout=30) as client,
    ):
        yield Emulator(base_url, config, clock, client, app.state.world)


@asynccontextmanager
async def serving(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[None]:
    """The server while the block runs. It ends at once, where uvicorn's own `serve` sleeps for two tenths of a second."""
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listener])
    await server.on_tick(0)  # makes the headers of every answer
    try:
        yield
    finally:
        for one in server.servers:
            one.close()
        listener.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        await _until_served(server.server_state)
        await server.lifespan.shutdown()


async def _until_served(state: uvicorn.server.ServerState) -> None:
    """Wait until the answers under way are sent, at most GRACE_S; what is left then is cancelled."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_S):
            while state.connections or state.tasks:  # noqa: ASYNC110  # uvicorn tells nobody of their end
                await asyncio.sleep(0.002)
    for task in state.tasks:
        task.cancel()
