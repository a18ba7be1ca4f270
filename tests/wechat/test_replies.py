"""Replies a hostile text cannot break out of."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.replies import deserialize_reply

from tests.wechat.pushes import JSON_EVENT, NOW, TEXT, parsed
from wechat.body import read_body
from wechat.replies import Article, news_reply, text_reply
from wechat.text import cut_bytes, legal

PUSH = parsed(TEXT)
ARTICLE = Article("标题]]>", "说明<&>", "https://m.example.com/a.png?a=1&b=2", "https://m.example.com/x")


def fields(reply: str) -> object:
    return read_body(reply.encode())[0]


def read_back(text: str) -> str:
    """The text as an XML reader gives it back."""
    return legal(text).replace("\r\n", "\n").replace("\r", "\n")


def common(kind: str) -> dict[str, str]:
    return {
        "ToUserName": "oU1",
        "FromUserName": "gh_aa",
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": kind,
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("签到成功，积分 +10", "签到成功，积分 +10"),
        ("a\nb\tc", "a\nb\tc"),
        (
            "hi]]></Content><ToUserName><![CDATA[evil]]></ToUserName>",
            "hi]]></Content><ToUserName><![CDATA[evil]]></ToUserName>",
        ),
        ("]]]]>>]]>", "]]]]>>]]>"),
        ("a\x00b\x08c\x1fd\ud800e\ufffff", "abcdef"),
        ("积" * 682, "积" * 682),
        ("积" * 683, "积" * 681 + "…"),
        ("x" * 2048, "x" * 2048),
        ("x" * 2049, "x" * 2045 + "…"),
        ("🎁" * 513, "🎁" * 511 + "…"),
    ],
)
def test_text(text: str, shown: str) -> None:
    reply = text_reply(PUSH, text, NOW)
    assert fields(reply) == common("text") | {"Content": shown}
    assert len(shown.encode()) <= 2048


@pytest.mark.parametrize("text", ["", "  ", "\x00\x01", "\ud800"])
def test_nothing_to_show_is_success(text: str) -> None:
    assert text_reply(PUSH, text, NOW) == "success"


@given(st.text())
def test_any_text_comes_through_whole(text: str) -> None:
    reply = text_reply(PUSH, "·" + text, NOW)
    assert fields(reply) == common("text") | {"Content": read_back("·" + text)}


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(3, 40))
def test_cutting_never_splits_a_character(text: str, limit: int) -> None:
    cut = cut_bytes(text, limit)
    assert len(cut.encode()) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))
    assert cut == text or len(text.encode()) > limit


def test_wechatpy_reads_our_text() -> None:
    reply = deserialize_reply(text_reply(PUSH, "签到]]>成功", NOW))
    assert (reply.content, reply.target, reply.source) == ("签到]]>成功", "oU1", "gh_aa")


@given(st.text(), st.text(), st.text())
def test_any_article_and_any_names_come_through_whole(title: str, url: str, name: str) -> None:
    """Names are those the push came with: a plain push proves nothing about them."""
    push = replace(PUSH, from_user="·" + name, to_user="·]]>" + name)
    said = fields(news_reply(push, Article("·" + title, "·", "·", "·" + url), NOW))
    assert isinstance(said, dict)
    item = said["Articles"]["item"]
    assert (item["Title"], item["Url"]) == (read_back("·" + title), read_back("·" + url))
    assert (said["ToUserName"], said["FromUserName"]) == (read_back("·" + name), read_back("·]]>" + name))


def test_news_has_one_article() -> None:
    item = {
        "Title": ARTICLE.title,
        "Description": ARTICLE.description,
        "PicUrl": ARTICLE.picture_url,
        "Url": ARTICLE.url,
    }
    expected = common("news") | {"ArticleCount": "1", "Articles": {"item": item}}
    assert fields(news_reply(PUSH, ARTICLE, NOW)) == expected


def test_a_json_push_is_answered_in_json() -> None:
    push = parsed(JSON_EVENT)
    assert json.loads(text_reply(push, 'a"b\n积分', NOW)) == {
        "ToUserName": "oM1",
        "FromUserName": "gh_mp",
        "CreateTime": int(NOW.timestamp()),
        "MsgType": "text",
        "Content": 'a"b\n积分',
    }
    assert json.loads(news_reply(push, ARTICLE, NOW))["Articles"][0]["Url"] == ARTICLE.url
