"""Reads the webhook's answer to a push, as strictly as the platform does. No I/O.

For every answer that is not a well-formed passive reply to this member, the phone shows that the service has failed
(WeChat docs: 被动回复用户消息).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from emulator.config import DataFormat, MessageMode
from emulator.envelope import EnvelopeError, signature_fits
from emulator.wire import PushKeys

TEXT_LIMIT_BYTES = 2048
_PROLOG = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_ONCE = ("ToUserName", "FromUserName", "CreateTime", "MsgType")


class ReplyRefused(Exception):
    """The platform cannot use this answer; the argument says why, in Chinese."""


@dataclass(frozen=True)
class Reply:
    """A passive reply: its type, its content as the phone gets it, and the further fields of that type."""

    type: str
    content: str
    extras: dict[str, object] = field(default_factory=dict)


def read_reply(
    body: bytes, keys: PushKeys, mode: MessageMode, form: DataFormat, asked: Mapping[str, object]
) -> Reply | None:
    """The reply to the push `asked`, or None for `success` and the empty answer. Raises ReplyRefused."""
    if body.strip() in (b"", b"success"):
        return None
    fields = _read(body, form)
    if "Encrypt" in fields and mode != "plain":
        fields = _read(_open(fields, keys).encode(), form)
    elif mode == "safe":
        raise ReplyRefused("安全模式下的回复没有加密")
    _check_head(fields, asked)
    return _content(fields)


def _read(body: bytes, form: DataFormat) -> dict[str, object]:
    if form == "json":
        return _read_json(body)
    if _PROLOG.search(body):
        raise ReplyRefused("XML 里不能有 DTD")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 -- DTDs are refused above, so there are no entities to expand
    except (ElementTree.ParseError, ValueError) as error:
        raise ReplyRefused(f"不是 XML：{error}") from error
    if root.tag != "xml":
        raise ReplyRefused("根元素不是 xml")
    return _children(root)


def _read_json(body: bytes) -> dict[str, object]:
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise ReplyRefused("不是 JSON") from error
    if not isinstance(fields, dict):
        raise ReplyRefused("JSON 不是对象")
    return fields


def _children(element: ElementTree.Element) -> dict[str, object]:
    fields: dict[str, object] = {}
    for child in element:
        value: object = _children(child) if len(child) else (child.text or "")
        if child.tag == "item":
            items = fields.setdefault("item", [])
            if isinstance(items, list):
                items.append(value)
        elif child.tag in fields:
            raise ReplyRefused(f"{child.tag} 出现了两次")
        else:
            fields[child.tag] = value
    return fields


def _open(sealed: Mapping[str, object], keys: PushKeys) -> str:
    names = ("TimeStamp", "Nonce", "Encrypt", "MsgSignature")
    stamp, nonce, encrypted, signature = (str(sealed.get(name, "")) for name in names)
    if not stamp.isdigit() or not signature_fits(signature, keys.token, stamp, nonce, encrypted):
        raise ReplyRefused("回复的签名不对")
    try:
        return keys.envelope.decrypt(encrypted)
    except EnvelopeError as error:
        raise ReplyRefused(f"回复解不开：{error}") from error


def _check_head(fields: Mapping[str, object], asked: Mapping[str, object]) -> None:
    for name in _ONCE:
        if name not in fields:
            raise ReplyRefused(f"缺少 {name}")
    if fields["ToUserName"] != asked["FromUserName"] or fields["FromUserName"] != asked["ToUserName"]:
        raise ReplyRefused("ToUserName 或 FromUserName 不对")
    if not str(fields["CreateTime"]).strip().isdigit():
        raise ReplyRefused("CreateTime 不是整数")


def _content(fields: Mapping[str, object]) -> Reply:
    kind = fields["MsgType"]
    if kind == "text":
        return Reply("text", _text(fields.get("Content")))
    if kind == "news":
        return _news(fields)
    if kind == "transfer_customer_service":
        return Reply("transfer_customer_service", "正在为你转接人工客服…")
    if kind in ("image", "voice", "video", "music"):
        raise ReplyRefused(f"{kind} 的 MediaId 没有上传过")
    raise ReplyRefused(f"没有 {kind} 这种回复")


def _text(content: object) -> str:
    if not isinstance(content, str) or not content:
        raise ReplyRefused("没有 Content")
    if len(content.encode()) > TEXT_LIMIT_BYTES:
        raise ReplyRefused(f"Content 超过 {TEXT_LIMIT_BYTES} 字节")
    return content


def _news(fields: Mapping[str, object]) -> Reply:
    articles = fields.get("Articles")
    items = articles.get("item") if isinstance(articles, Mapping) else articles
    if isinstance(items, Mapping):
        items = [items]
    if str(fields.get("ArticleCount")) != "1" or not isinstance(items, list) or len(items) != 1:
        raise ReplyRefused("图文只能有一篇")
    article = items[0]
    if not isinstance(article, Mapping) or not article.get("Title"):
        raise ReplyRefused("图文没有 Title")
    return news_reply(*(str(article.get(name, "")) for name in ("Title", "Description", "Url", "PicUrl")))


def news_reply(title: str, description: str, url: str, pic_url: str) -> Reply:
    """One article as the phone shows it."""
    content = "\n".join(part for part in (title, description) if part)
    return Reply(
        "news", content, {"title": title, "description": description, "url": url, "pic_url": pic_url}
    )
