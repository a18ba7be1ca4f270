"""Bodies of messages: read tolerantly, refused cheaply."""

import contextlib
import json
import time
from collections.abc import Callable

import pytest

from wechat.body import MAX_BODY_BYTES, read_body
from wechat.errors import PushMalformed
from wechat.fields import Fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"<xml><A>1</A></xml>", {"A": "1"}),
        (b"\xef\xbb\xbf \n<xml>\n <A>\n <![CDATA[ x y ]]>\n </A>\n</xml>\n", {"A": " x y "}),
        (b"<xml><A>  1 </A><B/></xml>", {"A": "1", "B": ""}),
        (b"<xml><A><![CDATA[a]]]]><![CDATA[>b]]></A></xml>", {"A": "a]]>b"}),
        (b"<xml><A>&lt;b&gt; &amp; c</A></xml>", {"A": "<b> & c"}),
        (b'<?xml version="1.0" encoding="UTF-8"?><xml><A x="1">a</A></xml>', {"A": "a"}),
        (b"<xml><P><L><T>1</T></L><L><T>2</T></L><L><T>3</T></L></P></xml>", {"P": {"L": [{"T": "1"}, {"T": "2"}, {"T": "3"}]}}),
        ("<xml><A>积分🎁</A></xml>".encode(), {"A": "积分🎁"}),
        (b"<xml/>", {}),
        (b'{"A": 1, " B": "x", "C": [1.50, {"D": null}], "E": true}', {"A": "1", "B": "x", "C": ["1.50", {"D": ""}], "E": "true"}),
        (b'{"A": 123456789012345678901234567890}', {"A": "123456789012345678901234567890"}),
        (b"<xml><A>1</A><A>2</A></xml>", {"A": "1"}),
        (b"<xml><A>\x00\x01a&#1;b</A></xml>", {"A": "ab"}),
        (b"<xml><A>&unknown; & c</A></xml>", {"A": "&unknown; & c"}),
        (b'{"A": 1, "A": 2, " A": 3}', {"A": "1"}),
        (b'{"A": NaN, "B": "x\\u0000y\\ud800z\\ud83c\\udf81"}', {"A": "NaN", "B": "xyz\U0001f381"}),
        (b'{"A": {"B": ["\\udc00"]}, "\\ud800": 1}', {"A": {"B": [""]}, "": "1"}),
        (b'{"A": "a\\\\u0000", "B": "c:\\dir"}', {"A": "a\\u0000", "B": "c:dir"}),
    ],
)  # fmt: skip
def test_fields(body: bytes, fields: Fields) -> None:
    assert read_body(body)[0] == fields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"hello",
        b"\xff\xfe",
        b"<xml>",
        b"<html></html>",
        b"<xml><A>1</A>",
        b"<html><xml><A>1</A></xml></html>",
        b"<!DOCTYPE xml><xml><A>1</A></xml>",
        b'<!DOCTYPE xml [<!ENTITY a "b">]><xml><A>&a;</A></xml>',
        b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>',
        b"{",
        b"[]",
        b'"text"',
        b'{"A": 1} {"B": 2}',
    ],
)
def test_refused(body: bytes) -> None:
    with pytest.raises(PushMalformed):
        read_body(body)


def fill(head: str, part: str, tail: str = "") -> bytes:
    return (head + part * ((MAX_BODY_BYTES - len(head) - len(tail)) // len(part)) + tail).encode()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "deep xml": lambda: fill("", "<a>"),
    "wide xml": lambda: fill("<xml>", "<a/>"),
    "nested lists": lambda: fill("<xml><b>", "<a/>"),
    "cdata": lambda: fill("<xml><a>", "<![CDATA[]]>", "</a></xml>"),
    "entities": lambda: fill("<xml><a>", "&lt;", "</a></xml>"),
    "newlines": lambda: fill("<xml><a>", "\n", "</a></xml>"),
    "attributes": lambda: ("<xml " + " ".join(f'a{n}=""' for n in range(6500)) + "/>").encode(),
    "comments": lambda: fill("<xml>", "<!---->", "</xml>"),
    "instructions": lambda: fill("<xml>", "<?a?>", "</xml>"),
    "mixed": lambda: fill("<xml><a>", "&#32;<![CDATA[]]>", "</a></xml>"),
    "laughs": lambda: fill('<!DOCTYPE xml [<!ENTITY a "b">', '<!ENTITY c "&a;&a;">', "]><xml/>"),
    "deep json": lambda: fill('{"a":', "["),
    "deep objects": lambda: fill("", '{"a":'),
    "wide json": lambda: fill('{"a":[', '"",', '""]}'),
    "empty lists": lambda: fill('{"a":[', "[],", "[]]}"),
    "numbers": lambda: fill('{"a":[', "1,", "1]}"),
    "long number": lambda: fill('{"a":', "9", "}"),
    "long fraction": lambda: fill('{"a":0.', "9", "}"),
    "open string": lambda: fill('{"a":"', '\\"'),
    "quotes": lambda: fill("{", '"'),
    "escapes": lambda: fill('{"a":"', "\\u4e00", '"}'),
    "lists that do not end": lambda: fill("<xml><P>", "<List>", "</P></xml>"),
    "lists without fields": lambda: fill("<xml><P>", "<List></List>", "</P></xml"),
    "broken lists": lambda: fill("<xml><P>", "<List><a>&</a></List>", "</P></xml>"),
    "texts that end elsewhere": lambda: fill("<xml>", "<a><![CDATA[]]></a>", "</xml>"),
    "many broken fields": lambda: (
        "<xml>" + "".join(f"<a{n}><![CDATA[&]]></a{n}>" for n in range(2200)) + "<b></xml>"
    ).encode(),
    "end marks": lambda: fill("<xml><a><![CDATA[", "]]></a>", "</xml>"),
    "broken escapes": lambda: fill('{"a":"', "\\u12", '"}'),
    "half pairs": lambda: fill('{"a":"', "\\ud83d", '"}'),
    "blanks": lambda: fill("", " ", "{"),
}


def cheapest_s(work: Callable[[], object]) -> float:
    """Processor time of the best of seven."""
    spent_s = []
    for _ in range(7):
        began = time.thread_time()
        work()
        spent_s.append(time.thread_time() - began)
    return min(spent_s)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_cheap(name: str) -> None:
    """No dearer than ten plain loops over as many bytes, on whatever machine this is."""
    body, plain = HOSTILE[name](), bytes(MAX_BODY_BYTES)
    assert len(body) <= MAX_BODY_BYTES

    def read() -> None:
        with contextlib.suppress(PushMalformed):
            read_body(body)

    assert cheapest_s(read) < 10 * cheapest_s(lambda: [byte + 1 for byte in plain])


def test_limits_are_wide_enough_for_real_lists() -> None:
    entries = [{"TemplateId": f"T{n}", "SubscribeStatusString": "accept"} for n in range(100)]
    assert len(read_body(json.dumps({"List": entries}).encode())[0]["List"]) == 100
