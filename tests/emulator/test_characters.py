"""Texts that no healthy message has reach the webhook as they are."""

import json
from typing import Any

import pytest

from emulator.characters import raw_bytes, raw_json, shown
from emulator.wire import PushKeys, build_push
from tests.emulator.harness import AES_KEY, OA_APP_ID, Emulator
from tests.emulator.webhook import TOKEN, Webhook

HEAD: dict[str, object] = {"ToUserName": "gh", "FromUserName": "o", "MsgType": "text"}


@pytest.mark.parametrize(
    ("text", "in_xml", "in_json"),
    [
        ("签到", "签到".encode(), "签到".encode()),
        ("a\x02\x1b\ufffe", b"a\x02\x1b\xef\xbf\xbe", b"a\x02\x1b\xef\xbf\xbe"),
        ("a\n\\b\"", b"a\n\\b\"", b'a\\n\\\\b\\"'),
        ("a\udcff\udc0a", b"a\xff\n", b"a\xff\n"),
        ("a\ud83d", b"a\xed\xa0\xbd", b"a\\ud83d"),
        ("a\ude00\\u0002", b"a\xed\xb8\x80\\u0002", b"a\\ude00\\\\u0002"),
        ("<a><![CDATA[x]]></a>", b"<a><![CDATA[x]]></a>", b"<a><![CDATA[x]]></a>"),
    ],
)  # fmt: skip
def test_a_text_stands_in_the_push_as_it_came(text: str, in_xml: bytes, in_json: bytes) -> None:
    keys = PushKeys(TOKEN, AES_KEY, OA_APP_ID)
    fields = HEAD | {"Content": text}
    assert b"<Content><![CDATA[%s]]></Content>" % in_xml in build_push(fields, keys, "plain", "xml", 1).body
    assert b'"Content": "%s"' % in_json in build_push(fields, keys, "plain", "json", 1).body


def test_healthy_json_stays_the_same() -> None:
    whole = json.dumps({"a": ["\n\t\r", "\\", '"', "🎁", "\\b"]}, ensure_ascii=False)
    assert raw_json(whole) == whole
    assert raw_bytes(whole) == whole.encode()


async def test_the_phone_sends_any_text_and_keeps_what_its_screen_shows(
    emulator: Emulator, webhook: Webhook
) -> None:
    phone = await emulator.phone()
    await phone.follow()
    assert (await phone.say("a\x02\ud83d"))["fault"], "wechatpy cannot read it, so this webhook fails"
    assert [item["text"] for item in await phone.inbox("sent")] == [shown("a\x02\ud83d")]


@pytest.mark.parametrize(("kind", "begin"), [("bom", b"\xef\xbb\xbf{"), ("raw_control", b"{")])
async def test_answers_with_a_bom_or_raw_control_characters(
    emulator: Emulator, kind: str, begin: bytes
) -> None:
    phone = await emulator.phone()
    params: dict[str, Any] = {"access_token": await emulator.token(), "openid": phone.oa_openid}
    await emulator.fault("/cgi-bin/user/info", kind)
    answer = (await emulator.client.get("/cgi-bin/user/info", params=params)).content
    assert answer.startswith(begin)
    assert (b"\x02\x1b\\ud83d\xe5" in answer) is (kind == "raw_control")
