"""The official account's webhook at /wechat, and what it needs while the application runs."""

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from pydantic import SecretStr

from base.ending import end_tasks
from base.settings import Settings
from bot.admission import Admission
from bot.in_flight import InFlight
from bot.late_reply import sending
from bot.late_reply.promises import Promises
from bot.webhook import RECEPTION, Reception, receive, verify
from runtime.resources import RESOURCES
from wechat.codec import PushCodec
from wechat.opening import PushOpener

PATH = "/wechat"
MAX_LOGGED_PATH_CHARS = 200
_PUSH_PARAMETERS = frozenset({"signature", "timestamp", "nonce"})

log = structlog.get_logger(__name__)


def mount(app: web.Application) -> None:
    """Add the webhook to the server. `app[RESOURCES]` must be set before the application starts."""
    app.cleanup_ctx.append(open_reception)
    for path in (PATH, f"{PATH}/"):
        app.router.add_get(path, verify, allow_head=False)
        app.router.add_post(path, receive)


def warn_of_wrong_path(request: web.Request) -> None:
    """Log a request that looks like a push and was sent to a path that is none, as after a typing mistake in WeChat's console."""
    if request.query.keys() >= _PUSH_PARAMETERS:
        log.warning("push_to_wrong_path", path=request.path[:MAX_LOGGED_PATH_CHARS], right_path=PATH)


async def open_reception(app: web.Application) -> AsyncIterator[None]:
    """Create what receives pushes, and send late replies while the application runs."""
    resources = app[RESOURCES]
    opener = push_opener(resources.settings, resources.official_account.app_id, resources.mini_program.app_id)
    in_flight = InFlight(Promises(resources.pool))
    app[RECEPTION] = Reception(resources, opener, Admission(in_flight), in_flight)
    late_replies = asyncio.create_task(sending.keep_sending(resources))
    yield
    await end_tasks([late_replies])
    await in_flight.close()


def push_opener(settings: Settings, oa_app_id: str, miniapp_app_id: str) -> PushOpener:
    """The opener for pushes of both accounts. Raises InvalidCredentials when the token or a key cannot be right."""
    return PushOpener(_codec(oa_app_id, settings), _codec(miniapp_app_id, settings))


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
