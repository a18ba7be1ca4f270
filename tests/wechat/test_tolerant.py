"""Proven messages with broken characters: the word is understood, the sender is the real one, an injected field has no effect."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import _get_signature

from bot.words import tidy
from tests.wechat.pushes import APP_ID, KEY, NONCE, NOW, TIMESTAMP, TOKEN, plain_query
from wechat.aes import BLOCK_BYTES, decode_key, decrypt, encrypt, pad
from wechat.codec import MessageMode, PushCodec
from wechat.errors import PushError, PushForged, PushMalformed
from wechat.messages import Push

HEAD = (
    b"<ToUserName><![CDATA[gh_x]]></ToUserName><FromUserName><![CDATA[oMEMBER]]></FromUserName>"
    b"<CreateTime>1700000000</CreateTime><MsgType><![CDATA[%s]]></MsgType>"
)
SENDER = b"<FromUserName><![CDATA[oVICTIM]]></FromUserName>"
MODES: list[MessageMode] = ["plain", "compatible", "safe"]


def xml(content: bytes) -> bytes:
    """A text message, its content as the member's phone sent it."""
    return b"<xml>%s<Content><![CDATA[%s]]></Content><MsgId>1</MsgId></xml>" % (HEAD % b"text", content)


def raw_json(content: bytes) -> bytes:
    """The same in JSON; the content is already escaped."""
    head = b'{"ToUserName":"gh_x","FromUserName":"oMEMBER","CreateTime":1700000000,"MsgType":"text","Content":"%s","MsgId":1}'
    return head % content


def request(
    message: bytes, mode: MessageMode, *, beside: bytes | None = None
) -> tuple[dict[str, str], bytes]:
    """The request that carries a message; `beside` stands with the ciphertext in compatible mode (default: the message)."""
    if mode == "plain":
        return plain_query(), message
    encrypted = sealed(message)
    signature = _get_signature(TOKEN, TIMESTAMP, NONCE, encrypted)
    query = plain_query() | {"encrypt_type": "aes", "msg_signature": signature}
    shown = message if beside is None else beside
    if message.startswith(b"{"):
        plain = shown.rstrip(b"}") + b"," if mode == "compatible" else b"{"
        return query, plain + b'"Encrypt":"%s"}' % encrypted.encode()
    plain = shown.removesuffix(b"</xml>") if mode == "compatible" else b"<xml><ToUserName>gh_x</ToUserName>"
    return query, plain + b"<Encrypt><![CDATA[%s]]></Encrypt></xml>" % encrypted.encode()


def sealed(message: bytes) -> str:
    """The ciphertext of any bytes: `encrypt` takes texts only, so the bytes stand in for one of the same length."""

    class Bytes(str):
        def encode(self, *_: Any) -> bytes:
            return message

    return encrypt(decode_key(KEY), APP_ID, Bytes(), b"0123456789abcdef")


def opened(message: bytes, mode: MessageMode = "safe") -> Push:
    return PushCodec(APP_ID, TOKEN, KEY, mode=mode).open(*request(message, mode), NOW).push


def test_the_request_of_this_test_carries_any_bytes() -> None:
    assert decrypt(decode_key(KEY), APP_ID, sealed(b"\xff\x00")) == b"\xff\x00"
    assert len(pad(b"\xff")) == BLOCK_BYTES


BROKEN = {
    "control character": (b"\x02", b"\x1b"),
    "null": (b"\x00", b"\\u0000"),
    "newline": (b"\n", b"\n"),
    "U+FFFE": (b"\xef\xbf\xbe", b"\\ufffe"),
    "cut character": (b"\xe5\x88", b"\xe5\x88"),
    "half a pair": (b"\xed\xa0\xbd", b"\\ud83d"),
    "low half": (b"\xed\xb8\x80", b"\\ude00"),
    "not UTF-8": (b"\xff", b"\xff"),
    "replacement character": (b"\xef\xbf\xbd", b"\\ufffd"),
    "cut escape": (b"\\u12", b"\\b"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("name", [name for name in BROKEN if name != "cut escape"])
def test_the_word_beside_a_broken_character_is_understood(name: str, form: str, mode: MessageMode) -> None:
    in_xml, in_json = BROKEN[name]
    for content in ("签到".encode() + b"%s", b"%s" + "签到".encode()):
        push = opened(raw_json(content % in_json) if form == "json" else xml(content % in_xml), mode)
        assert tidy(push.content or "") == "签到"
        assert (push.from_user, push.to_user, push.message_id) == ("oMEMBER", "gh_x", "1")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("escape", ["\\u12", "\\", "\\x", "\\b", "\\ud83d\\u0041"])
def test_an_escape_that_json_does_not_know_costs_only_itself(escape: str, mode: MessageMode) -> None:
    push = opened(raw_json(b"a" + escape.encode() + b" "), mode)
    assert (push.from_user, push.message_id) == ("oMEMBER", "1")
    assert (push.content or "").startswith("a")


CASES = Path(__file__).parents[1] / "data" / "field_cases"


def case(name: str) -> bytes:
    """A message of the field cases, its placeholders filled."""
    text = (
        (CASES / name)
        .read_bytes()
        .replace(b"NOW", b"1700000000")
        .replace(b"\\x02", b"\x02")
        .replace(b"<1B>", b"\x1b")
    )
    return text.rpartition(b"-->")[2].strip()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b01_control_character.xml", "签到"),
        ("b02_cdata_end_in_content.xml", "<a><![CDATA[x]]></a>"),
        ("b04_json_control_character.json", "签到"),
    ],
)
def test_the_cases_from_the_field(name: str, content: str, mode: MessageMode) -> None:
    push = opened(case(name), mode)
    assert (push.content, push.from_user, push.to_user) == (content, "oMEMBER", "gh_x")


INJECTIONS = {
    "pasted": b"<a><![CDATA[x]]></a>",
    "sender": b"x]]></Content>" + SENDER + b"<Content><![CDATA[y",
    "sender, not begun again": b"x]]></Content>" + SENDER,
    "sender within": b"x]]>" + SENDER + b"<![CDATA[y",
    "sender before": b"]]></Content></xml><xml>" + SENDER + b"<Content><![CDATA[y",
    "kind": b"x]]></Content><MsgType>event</MsgType><Event>subscribe</Event><Content><![CDATA[y",
    "number": b"x]]></Content><MsgId>2</MsgId><Content><![CDATA[y",
    "comment": b"x]]></Content>" + SENDER + b"<!--",
    "deep": b"]]>" + b"<a>" * 300,
    "entity": b"]]>&a;<![CDATA[",
    "hidden mark": b"x]\x02]></Content>" + SENDER + b"<Content><![CDATA[y",
    "instruction": b"]]><?x ?><![CDATA[",
    "another end": b"x]]></ToUserName>]]></CreateTime>",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", INJECTIONS)
def test_a_field_in_a_members_text_has_no_effect(name: str, mode: MessageMode) -> None:
    push = opened(xml(INJECTIONS[name]), mode)
    assert (push.from_user, push.to_user, push.openid) == ("oMEMBER", "gh_x", "oMEMBER")
    assert (push.kind, push.event, push.message_id, push.created_at) == ("text", None, "1", 1_700_000_000)


def test_mark_up_in_a_text_stays_text() -> None:
    """WeChat does not split the end mark of CDATA that a member pastes."""
    assert opened(xml(INJECTIONS["pasted"])).content == "<a><![CDATA[x]]></a>"
    assert opened(xml(INJECTIONS["sender"])).content == INJECTIONS["sender"].decode()


def in_order(*fields: bytes) -> bytes:
    return b"<xml>" + b"".join(fields) + b"</xml>"


FIELDS = [
    b"<ToUserName><![CDATA[gh_x]]></ToUserName>",
    b"<FromUserName><![CDATA[oMEMBER]]></FromUserName>",
    b"<CreateTime>1700000000</CreateTime>",
    b"<MsgType><![CDATA[event]]></MsgType>",
    b"<Event><![CDATA[SCAN]]></Event>",
    b"<EventKey><![CDATA[%s]]></EventKey>",
    b"<Ticket><![CDATA[%s]]></Ticket>",
]
MARKS = [
    b"]]>",
    b"</EventKey>",
    b"</Ticket>",
    b"<EventKey>",
    b"<Ticket>",
    b"<![CDATA[",
    b"<a>",
    b"<!--",
    b"</xml>",
    b"<xml>",
]
PIECES = [*MARKS, SENDER, b"a", b"&"]


@given(st.permutations(FIELDS), *[st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join)] * 2)
def test_no_text_forges_the_sender_in_any_order_of_the_fields(
    fields: list[bytes], key: bytes, ticket: bytes
) -> None:
    """Where it cannot be told which sender is WeChat's, the push is refused."""
    filled = [field.replace(b"%s", key if b"EventKey" in field else ticket) for field in fields]
    with suppress(PushMalformed):
        assert opened(in_order(*filled)).from_user == "oMEMBER"


@given(st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join), st.sampled_from([b"EventKey", b"Ticket"]))
def test_no_text_forges_the_sender_in_wechats_own_order(text: bytes, name: bytes) -> None:
    filled = [field.replace(b"%s", text if name in field else b"k") for field in FIELDS]
    push = opened(in_order(*filled))
    assert (push.from_user, push.event) == ("oMEMBER", "scan")


ENTRY = (
    b"<List><TemplateId><![CDATA[T%d]]></TemplateId><MsgID>%d</MsgID><ErrorCode>0</ErrorCode>"
    b"<ErrorStatus><![CDATA[%s]]></ErrorStatus></List>"
)


def test_a_broken_entry_of_a_list_costs_only_itself() -> None:
    statuses = [b"success", b"\x02ok", b"a]]></b>", b"success"]
    listed = b"".join(ENTRY % (place, place, status) for place, status in enumerate(statuses))
    event = b"<Event><![CDATA[subscribe_msg_sent_event]]></Event><SubscribeMsgSentEvent>%s</SubscribeMsgSentEvent>"
    push = opened(in_order(HEAD % b"event", event % listed))
    whole = [result.message_id for result in push.results if result.status in ("success", "ok")]
    assert whole == ["0", "1", "3"]


def test_a_broken_entry_of_a_json_list_costs_only_itself() -> None:
    whole = [{"TemplateId": "T", "MsgID": str(n), "ErrorCode": "0", "ErrorStatus": "success"} for n in (0, 1)]
    body = {
        "ToUserName": "g",
        "FromUserName": "o",
        "CreateTime": 1,
        "MsgType": "event",
        "Event": "subscribe_msg_sent_event",
    }
    listed = [whole[0], {"TemplateId": "T9"}, "T8", [], {**whole[1], "ErrorCode": {"a": "b"}}, whole[1]]
    push = opened(json.dumps(body | {"List": listed}).encode())
    assert [result.message_id for result in push.results] == ["0", "1"]


@pytest.mark.parametrize(
    "beside",
    [
        b"<xml><!DOCTYPE",
        b"<xml>" + b"<a>" * 3000,
        b"<xml>\x00\xff<FromUserName>oVICTIM</FromUserName>",
        b"<xml><Content><![CDATA[<Encrypt><![CDATA[AAAA]]></Encrypt>]]></Content>",
        b"<xml><Encrypt>AAAA</Encrypt><Encrypt><![CDATA[",
    ],
)
def test_what_stands_beside_the_ciphertext_is_not_read(beside: bytes) -> None:
    codec = PushCodec(APP_ID, TOKEN, KEY, mode="compatible")
    push = codec.open(*request(xml("签到".encode()), "compatible", beside=beside), NOW).push
    assert (push.from_user, push.content) == ("oMEMBER", "签到")


def test_what_stands_beside_the_ciphertext_in_json_is_not_read() -> None:
    codec = PushCodec(APP_ID, TOKEN, KEY, mode="compatible")
    quoted, first, broken, deep = (
        b'{"Content":"\\"Encrypt\\":\\"AAAA\\""',
        b'{"Encrypt":"AAAA"',
        b'{"Content":"\x1b\xff"',
        b'{"a":' + b"[" * 900 + b"0",
    )
    for beside in (quoted, first, broken, deep):
        push = codec.open(*request(raw_json(b"a"), "compatible", beside=beside), NOW).push
        assert (push.from_user, push.content) == ("oMEMBER", "a")


@pytest.mark.parametrize("mode", ["compatible", "safe"])
def test_unproven_ciphertexts_stay_refused(mode: MessageMode) -> None:
    query, body = request(xml(b"a"), mode)
    start, end = b"<Encrypt><![CDATA[", b"</Encrypt>"
    for other in (body.replace(end, b"<a/>" + end), body.replace(start, start + b"A"), xml(b"a")):
        with pytest.raises(PushError):
            PushCodec(APP_ID, TOKEN, KEY, mode=mode).open(query, other, NOW)
    with pytest.raises(PushForged):
        PushCodec(APP_ID, TOKEN, KEY, mode=mode).open(query | {"nonce": "1"}, body, NOW)


HOSTILE = {
    "empty": b"<xml>" + b"<Encrypt>" * 7000,
    "blanks": b"<xml><Encrypt>" + b" " * 65_000,
    "candidates": b"<xml>" + b"<Encrypt>A</Encrypt>" * 3200,
    "sections": b"<xml>" + b"<Encrypt><![CDATA[" * 3600,
    "names": b"{" + b'"Encrypt":"' * 5900,
    "escapes": b"{" + b'"Encrypt":"\\' * 5400,
    "quotes": b"{" + b'"' * 65_000,
    "texts": b"{" + b'"Encrypt":"A",' * 4600,
    "prologue": b"<?xml " + b"?" * 65_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_envelopes_are_cheap(name: str) -> None:
    """The budget of one request is 50 ms of the event loop; this machine may be busy, so the best of five counts."""
    query = plain_query() | {"encrypt_type": "aes", "msg_signature": "0" * 40}
    spent_s = []
    for _ in range(5):
        began = time.thread_time()
        with pytest.raises(PushError):
            PushCodec(APP_ID, TOKEN, KEY).open(query, HOSTILE[name], NOW)
        spent_s.append(time.thread_time() - began)
    assert min(spent_s) < 0.05
