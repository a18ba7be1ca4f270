"""Passive replies: what the webhook can respond to a push, in the format (XML or JSON) of the push.

wechatpy writes the XML, but no JSON. It puts texts into CDATA unescaped, so every `]]>` is split in two first (wechat/text.py).
Source: WeChat docs 被动回复用户消息. A text has at most 2048 bytes, news exactly one article (since 2018-10-12).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechatpy.replies import ArticlesReply, BaseReply, TextReply, TransferCustomerServiceReply

from wechat.codec import SUCCESS
from wechat.messages import Push
from wechat.text import cut_bytes, legal, within_cdata


@dataclass(frozen=True, slots=True)
class Article:
    """The one article of a news reply; both addresses are absolute."""

    title: str
    description: str
    picture_url: str
    url: str


def text_reply(push: Push, text: str, now: datetime) -> str:
    """Return a text reply, cut to 2048 bytes; a blank text becomes `success`, because WeChat refuses blank replies."""
    shown = cut_bytes(legal(text))
    if not shown.strip():
        return SUCCESS
    if push.format == "json":
        return _json(push, now, "text", {"Content": shown})
    return _xml(TextReply, push, now, content=within_cdata(shown))


def news_reply(push: Push, article: Article, now: datetime) -> str:
    """Return a reply of exactly one article."""
    if push.format == "json":
        item = {
            "Title": legal(article.title),
            "Description": legal(article.description),
            "PicUrl": legal(article.picture_url),
            "Url": legal(article.url),
        }
        return _json(push, now, "news", {"ArticleCount": 1, "Articles": [item]})
    shown = {
        "title": within_cdata(article.title),
        "description": within_cdata(article.description),
        "image": within_cdata(article.picture_url),
        "url": within_cdata(article.url),
    }
    return _xml(ArticlesReply, push, now, articles=[shown])


def hand_over_reply(push: Push, now: datetime) -> str:
    """Return the reply by which WeChat hands the chat to the account's human agents (转发到客服)."""
    if push.format == "json":
        return _json(push, now, "transfer_customer_service", {})
    return _xml(TransferCustomerServiceReply, push, now)


def _json(push: Push, now: datetime, kind: str, content: dict[str, Any]) -> str:
    fields = {
        "ToUserName": push.from_user,
        "FromUserName": push.to_user,
        "CreateTime": int(now.timestamp()),
        "MsgType": kind,
    }
    return json.dumps(fields | content, ensure_ascii=False)


def _xml(kind: type[BaseReply], push: Push, now: datetime, **content: Any) -> str:
    reply = kind(
        source=within_cdata(push.to_user),
        target=within_cdata(push.from_user),
        time=int(now.timestamp()),
        **content,
    )
    return str(reply.render())
