"""Sending one delivery or a test, signed as the Standard Webhooks specification says (https://www.standardwebhooks.com)."""

import secrets
from datetime import datetime
from typing import Final

import aiohttp
import asyncpg
import orjson
import structlog

from base.sealing import Keyring, SealingError
from channels.webhooks.addresses import AddressRefused, PublicResolver, check_address
from channels.webhooks.deliveries import Delivery, claim, settle_delivered, settle_failed
from channels.webhooks.endpoints import GONE, stop_webhook
from channels.webhooks.signing import secrets_of, signature

TIMEOUT_S: Final = 10.0
GONE_STATUS: Final = 410
"""The status by which an address says that it wants nothing more."""
TEST_TYPE: Final = "webhook.test"
"""The type of a test, which is about no member and is in no feed."""

log = structlog.get_logger(__name__)


def open_webhook_http(*, private_allowed: bool) -> aiohttp.ClientSession:
    """A session that connects to public addresses only; the caller closes it."""
    resolver = None if private_allowed else PublicResolver()
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=16, resolver=resolver, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        auto_decompress=False,
    )


class Sender:
    """Sends deliveries: it holds the database, the keys and the HTTP session."""

    def __init__(
        self, pool: asyncpg.Pool, keyring: Keyring, http: aiohttp.ClientSession, *, private_allowed: bool
    ) -> None:
        self._pool, self._keyring, self._http = pool, keyring, http
        self._private_allowed = private_allowed

    async def send(self, webhook_id: str, change_id: str, now: datetime) -> bool:
        """Claim one delivery, send it and settle it; False if somebody else has it."""
        one = await claim(self._pool, webhook_id, change_id, now)
        if one is None:
            return False
        status, error = await self._attempt(one, now)
        if status is None:
            await self._failed(one, None, error, now)
        else:
            await self._answered(one, status, now)
        return True

    async def try_out(self, webhook_id: str, url: str, now: datetime) -> tuple[int | None, str]:
        """Send a test, whatever the webhook's state; nothing is stored. The answer's status, or None and why there is none."""
        test_id = f"test_{secrets.token_hex(8)}"
        content = {"id": test_id, "type": TEST_TYPE, "timestamp": now.isoformat(), "data": {}}
        return await self._attempt(Delivery(webhook_id, test_id, url, orjson.dumps(content).decode(), 1), now)

    async def _attempt(self, one: Delivery, now: datetime) -> tuple[int | None, str]:
        try:
            return await self._post(one, now), ""
        except AddressRefused:
            return None, "address_refused"
        except SealingError:
            return None, "secret_sealed"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return None, type(error).__name__

    async def _post(self, one: Delivery, now: datetime) -> int:
        check_address(one.url, private_allowed=self._private_allowed)
        signers = await secrets_of(self._pool, self._keyring, one.webhook_id, now)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "jifen-webhooks",
            "webhook-id": one.change_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature(signers, one.change_id, now, one.content),
        }
        async with self._http.post(
            one.url, data=one.content.encode(), headers=headers, allow_redirects=False
        ) as response:
            return response.status

    async def _answered(self, one: Delivery, status: int, now: datetime) -> None:
        if 200 <= status < 300:
            await settle_delivered(self._pool, one, status, now)
            return
        if status == GONE_STATUS:
            await stop_webhook(self._pool, one.webhook_id, GONE, now)
        await self._failed(one, status, f"HTTP {status}", now)

    async def _failed(self, one: Delivery, status: int | None, error: str, now: datetime) -> None:
        if await settle_failed(self._pool, one, status, error, now):
            log.warning("webhook_dead", webhook=one.webhook_id, change=one.change_id, error=error)
