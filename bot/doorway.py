"""The lock of the webhook: which of our two accounts a push belongs to, and reading its body within bounds."""

from datetime import datetime
from typing import Final, NamedTuple

from aiohttp import web
from pydantic import SecretStr

from base.settings import Settings
from bot.router import AccountKind
from web.bounded import BodyNotRead, BodyOverLimit, read_bounded
from wechat.body import MAX_BODY_BYTES
from wechat.codec import OpenedPush, PushCodec, Query
from wechat.errors import PushForged, PushMalformed, PushTooLarge
from wechat.messages import Push

BODY_WITHIN_S: Final = 2.0


class Opened(NamedTuple):
    """A proven push, the account it was sent to, and the codec that seals the answer."""

    account: AccountKind
    codec: PushCodec
    opened: OpenedPush

    @property
    def push(self) -> Push:
        """What was said or done."""
        return self.opened.push

    def seal(self, reply: str, now: datetime) -> str:
        """The reply as the platform wants it for this push."""
        return self.codec.seal(self.opened, reply, now)


class Doorway:
    """Opens pushes of the official account and of the mini-program, which share one webhook, token and key."""

    def __init__(self, settings: Settings, oa_app_id: str, miniapp_app_id: str) -> None:
        """Raises InvalidCredentials when token or key cannot be right."""
        self._oa = _codec(oa_app_id, settings)
        self._miniapp = _codec(miniapp_app_id, settings)

    def verify_url(self, query: Query) -> str:
        """The echo for the platform's GET, which knows no app id. Raises PushError."""
        return self._oa.verify_url(query)

    def open(self, query: Query, body: bytes, now: datetime) -> Opened:
        """The push, opened for the account whose app id is sealed inside; a plain one passes for the official account's.

        Raises PushError.
        """
        try:
            return Opened("oa", self._oa, self._oa.open(query, body, now))
        except PushForged:
            return Opened("miniapp", self._miniapp, self._miniapp.open(query, body, now))


async def read_body(request: web.Request) -> bytes:
    """The body, up to 64 KiB and within two seconds. Raises PushTooLarge, and PushMalformed for one that dawdles or breaks off."""
    try:
        return await read_bounded(request, MAX_BODY_BYTES, BODY_WITHIN_S)
    except BodyOverLimit as error:
        raise PushTooLarge(str(error)) from error
    except BodyNotRead as error:
        raise PushMalformed("the body did not come whole in time") from error


def _codec(app_id: str, settings: Settings) -> PushCodec:
    return PushCodec(
        app_id,
        _text(settings.oa_token),
        _text(settings.oa_encoding_aes_key) or None,
        _text(settings.oa_encoding_aes_key_previous) or None,
        settings.oa_message_mode,
    )


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
