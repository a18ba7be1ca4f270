"""The whole house for a test: server, emulator and everything beneath them, on one clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from base.clock import MovableClock
from base.settings import Settings
from runtime.listening import listening
from runtime.resources import Resources, open_resources
from runtime.server import create_server
from tests.emulator import harness
from tests.ledger import START, Ledger, empty_through, publish_demo
from tests.warm import on_warm_connection

EMULATOR = {"oa_app_secret": "a" * 32, "oa_token": "JifenToken", "miniapp_app_secret": "b" * 32}


@dataclass
class House:
    """Server, emulator and everything beneath, on one clock."""

    resources: Resources
    clock: MovableClock
    emulator: harness.Emulator
    server_url: str
    http: aiohttp.ClientSession
    ledger: Ledger

    async def phone(self, name: str = "小明", *, unionid: bool = True) -> harness.Phone:
        """A new phone in the emulator."""
        return await self.emulator.phone(name, unionid)

    async def follower(self, name: str = "小明", scene: str | None = None) -> harness.Phone:
        """A new phone that follows the account."""
        phone = await self.phone(name)
        await phone.follow(scene)
        return phone

    async def member_of(self, phone: harness.Phone) -> int:
        """The member behind a phone; the phone must have met the server."""
        return int(
            await self.resources.pool.fetchval(
                "SELECT member_id FROM identity WHERE subject = ANY($1::text[])",
                [phone.oa_openid, phone.miniapp_openid],
            )
        )

    async def session(self, phone: harness.Phone) -> dict[str, str]:
        """Request headers of a fresh mini-program session."""
        code = await phone.login()
        async with self.http.post(f"{self.server_url}/api/v1/session", json={"code": code}) as answer:
            assert answer.status == 200, await answer.text()
            return {"Authorization": f"Bearer {(await answer.json())['token']}"}


def made_up_settings(database_url: str, redis_url: str, tmp_path: Path, **overrides: Any) -> Settings:
    """Settings of made-up accounts that match the emulator harness."""
    given: dict[str, Any] = {
        "database_url": database_url,
        "redis_url": redis_url,
        "data_dir": tmp_path,
        "oa_app_id": harness.OA_APP_ID,
        "oa_app_secret": SecretStr(EMULATOR["oa_app_secret"]),
        "oa_token": SecretStr(EMULATOR["oa_token"]),
        "oa_encoding_aes_key": SecretStr(harness.AES_KEY),
        "miniapp_app_id": harness.MINIAPP_APP_ID,
        "miniapp_app_secret": SecretStr(EMULATOR["miniapp_app_secret"]),
        "secret_key": SecretStr("test-secret-key-of-the-house"),
        "member_per_minute": 0,
        "address_per_minute": 0,
    }
    return Settings(**(given | overrides))


@asynccontextmanager
async def open_house(
    database_url: str, redis_url: str, tmp_path: Path, unused_port: int, **overrides: Any
) -> AsyncIterator[House]:
    """Everything, emptied, with the demo's rules; server and emulator talk to each other over real sockets.

    `owner_url` among the overrides is the address of the tables' owner, where `database_url` is another's.
    """
    clock = overrides.pop("clock", None) or MovableClock(START)
    webhook_url = f"http://127.0.0.1:{unused_port}/wechat"
    emulator_overrides = overrides.pop("emulator", {})
    owner_url = overrides.pop("owner_url", database_url)
    async with harness.running_emulator(
        tmp_path,
        webhook_url,
        clock.now,
        clock.advance,
        **(EMULATOR | emulator_overrides),
    ) as emulator:
        settings = made_up_settings(
            database_url,
            redis_url,
            tmp_path,
            wechat_api_base=emulator.base_url,
            **overrides,
        )
        async with open_resources(settings, clock) as resources, aiohttp.ClientSession() as http:
            await on_warm_connection(owner_url, empty_through)
            await resources.redis.flushdb()
            await publish_demo(resources.engine)
            async with listening(create_server(resources), "127.0.0.1", unused_port) as port:
                ledger = Ledger(resources.pool, resources.engine, clock)
                yield House(resources, clock, emulator, f"http://127.0.0.1:{port}", http, ledger)
