"""Sending one delivery, signed as the Standard Webhooks specification says (https://www.standardwebhooks.com)."""

from datetime import datetime
from typing import Final

import aiohttp
import asyncpg
import structlog
from standardwebhooks.webhooks import Webhook as Signer

from base.sealing import Keyring, SealingError
from channels.webhooks.addresses import AddressRefused, PublicResolver, check_address
from channels.webhooks.deliveries import Delivery, claim, settle_delivered, settle_failed
from channels.webhooks.endpoints import secret_of, stop_webhook

TIMEOUT_S: Final = 10.0
GONE: Final = 410
"""The status by which an address says that it wants nothing more."""

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
        try:
            status = await self._post(one, now)
        except AddressRefused:
            await self._failed(one, None, "address_refused", now)
        except SealingError:
            await self._failed(one, None, "secret_sealed", now)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            await self._failed(one, None, type(error).__name__, now)
        else:
            await self._answered(one, status, now)
        return True

    async def _post(self, one: Delivery, now: datetime) -> int:
        check_address(one.url, private_allowed=self._private_allowed)
        secret = await secret_of(self._pool, self._keyring, one.webhook_id)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "jifen-webhooks",
            "webhook-id": one.change_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(secret).sign(one.change_id, now, one.content),
        }
        async with self._http.post(
            one.url, data=one.content.encode(), headers=headers, allow_redirects=False
        ) as response:
            return response.status

    async def _answered(self, one: Delivery, status: int, now: datetime) -> None:
        if 200 <= status < 300:
            await settle_delivered(self._pool, one, status, now)
            return
        if status == GONE:
            await stop_webhook(self._pool, one.webhook_id, "gone", now)
        await self._failed(one, status, f"HTTP {status}", now)

    async def _failed(self, one: Delivery, status: int | None, error: str, now: datetime) -> None:
        if await settle_failed(self._pool, one, status, error, now):
            log.warning("webhook_dead", webhook=one.webhook_id, change=one.change_id, error=error)
