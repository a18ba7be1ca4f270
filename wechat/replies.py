"""The answers a push can be given at once, in the format (XML or JSON) it came in.

Source: WeChat docs 被动回复用户消息. A text has at most 2048 bytes, news exactly one article (since
2018-10-12).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from wechat.codec import SUCCESS
from wechat.messages import Push
from wechat.text import cdata, cut_bytes, legal

_Value: TypeAlias = "str | int | list[_Node]"
_Node: TypeAlias = "dict[str, _Value]"


@dataclass(frozen=True, slots=True)
class Article:
    """The one article of a news reply; both addresses are absolute."""

    title: str
    description: str
    picture_url: str
    url: str


def text_reply(push: Push, text: str, now: datetime) -> str:
    """Return a text reply, cut to 2048 bytes; blank text becomes `success`, as WeChat refuses it."""
    shown = cut_bytes(legal(text))
    if not shown.strip():
        return SUCCESS
    return _reply(push, now, "text", {"Content": shown})


def news_reply(push: Push, article: Article, now: datetime) -> str:
    """Return a reply of exactly one article."""
    item: _Node = {
        "Title": legal(article.title),
        "Description": legal(article.description),
        "PicUrl": legal(article.picture_url),
        "Url": legal(article.url),
    }
    return _reply(push, now, "news", {"ArticleCount": 1, "Articles": [item]})


def _reply(push: Push, now: datetime, kind: str, content: _Node) -> str:
    fields: _Node = {
        "ToUserName": push.from_user,
        "FromUserName": push.to_user,
        "CreateTime": int(now.timestamp()),
        "MsgType": kind,
        **content,
    }
    return (
        json.dumps(fields, ensure_ascii=False) if push.format == "json" else f"<xml>{_elements(fields)}</xml>"
    )


def _elements(fields: _Node) -> str:
    return "".join(f"<{name}>{_element(value)}</{name}>" for name, value in fields.items())


def _element(value: _Value) -> str:
    if isinstance(value, str):
        return cdata(value)
    if isinstance(value, int):
        return str(value)
    return _items(value)


def _items(items: Sequence[_Node]) -> str:
    return "".join(f"<item>{_elements(item)}</item>" for item in items)
