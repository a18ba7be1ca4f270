"""The lock of the webhook: which of our two accounts a push belongs to, and reading its body within bounds."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import SecretStr

from jifen.bot.router import AccountKind
from jifen.runtime.settings import Settings
from jifen.wechat.body import MAX_BODY_BYTES
from jifen.wechat.codec import OpenedPush, PushCodec
from jifen.wechat.errors import PushForged, PushMalformed, PushTooLarge

BODY_WITHIN_S: Final = 2.0


@dataclass(frozen=True)
class Opened:
    """A proven push, the account it was sent to, and the codec that seals the answer."""

    account: AccountKind
    codec: PushCodec
    opened: OpenedPush

    def seal(self, reply: str, now: datetime) -> str:
        """The reply as the platform wants it for this push."""
        return self.codec.seal(self.opened, reply, now)


class Doorway:
    """Opens pushes of the official account and of the mini-program, which share one webhook, token and key."""

    def __init__(self, settings: Settings) -> None:
        """Raises InvalidCredentials when token or key cannot be right. Without an account everything is refused."""
        accounts: tuple[tuple[AccountKind, str | None], ...] = (
            ("oa", settings.oa_app_id),
            ("miniapp", settings.miniapp_app_id),
        )
        token = _text(settings.oa_token)
        self.codecs = tuple(
            (kind, _codec(app_id, token, settings)) for kind, app_id in accounts if app_id and token
        )

    def verify_url(self, query: Mapping[str, str]) -> str:
        """The echo for the platform's GET. Raises PushError."""
        for _, codec in self.codecs[:1]:
            return codec.verify_url(query)
        raise PushForged("no account is set up")

    def open(self, query: Mapping[str, str], body: bytes, now: datetime) -> Opened:
        """The push, opened for the account whose app id is sealed inside. Raises PushError."""
        refused = PushForged("no account is set up")
        for account, codec in self.codecs:
            try:
                return Opened(account, codec, codec.open(query, body, now))
            except PushForged as error:
                refused = error
        raise refused


async def read_body(request: web.Request) -> bytes:
    """The body, up to 64 KiB and within two seconds. Raises PushTooLarge, and PushMalformed for one that dawdles."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise PushTooLarge(f"{request.content_length} bytes announced")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for part in request.content.iter_any():
                body += part
                if len(body) > MAX_BODY_BYTES:
                    raise PushTooLarge("more than announced")
    except TimeoutError:
        raise PushMalformed("the body did not come in time") from None
    return bytes(body)


def _codec(app_id: str, token: str, settings: Settings) -> PushCodec:
    return PushCodec(
        app_id,
        token,
        _text(settings.oa_encoding_aes_key) or None,
        _text(settings.oa_encoding_aes_key_previous) or None,
        settings.oa_message_mode,
    )


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
