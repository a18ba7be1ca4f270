"""Customer-service messages (WeChat docs: 客服消息)."""

from collections.abc import Callable, Mapping

from emulator.config import Account
from emulator.errors import PlatformError
from emulator.inbox import record
from emulator.phones import phone_by_openid
from emulator.replies import TEXT_LIMIT_BYTES, Reply, news_reply
from emulator.windows import use_window
from emulator.world import World

_MEDIA = ("image", "voice", "video", "music", "mpnews", "mpnewsarticle", "wxcard", "miniprogrampage")


def send_custom(world: World, account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """Answer of custom/send.

    Raises PlatformError 40003, 40008 type, 40007 media, 44004 empty, 45002 too long, 45008 articles,
    48002 blocked, 45015 no open window, 45047 no message left in the window.
    """
    phone = phone_by_openid(world, account, body.get("touser"))
    message = _message(body)
    if phone["blocked"]:
        raise PlatformError(48002)
    use_window(world, str(body["touser"]))
    record(world, phone["phone_id"], "custom", message.type, message.content, **message.extras)
    return {"errcode": 0, "errmsg": "ok"}


def _message(body: Mapping[str, object]) -> Reply:
    kind = body.get("msgtype")
    if kind in _MEDIA:  # each needs a media id, and the emulator has no upload
        raise PlatformError(40007)
    read = _READERS.get(str(kind))
    if read is None:
        raise PlatformError(40008)
    part = body.get(str(kind))
    if not isinstance(part, Mapping):
        raise PlatformError(44004)
    return read(part)


def _text(part: Mapping[str, object]) -> Reply:
    return Reply("text", _words(part.get("content")))


def _news(part: Mapping[str, object]) -> Reply:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], Mapping):
        raise PlatformError(44004)
    if len(articles) > 1:
        raise PlatformError(45008)
    return news_reply(*(str(articles[0].get(name, "")) for name in ("title", "description", "url", "picurl")))


def _menu(part: Mapping[str, object]) -> Reply:
    choices = part.get("list")
    if (
        not isinstance(choices, list)
        or not choices
        or not all(isinstance(choice, Mapping) for choice in choices)
    ):
        raise PlatformError(44004)
    lines = [str(choice.get("content", "")) for choice in choices]
    head, tail = str(part.get("head_content", "")), str(part.get("tail_content", ""))
    content = "\n".join(line for line in (head, *lines, tail) if line)
    return Reply("msgmenu", _words(content), {"list": choices})


def _words(content: object) -> str:
    if not isinstance(content, str) or not content:
        raise PlatformError(44004)
    if len(content.encode()) > TEXT_LIMIT_BYTES:
        raise PlatformError(45002)
    return content


_READERS: dict[str, Callable[[Mapping[str, object]], Reply]] = {
    "text": _text,
    "news": _news,
    "msgmenu": _menu,
}
