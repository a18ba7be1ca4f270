"""Pushes: three modes in two formats, three tries of a few seconds, and how strictly an answer is read."""

import asyncio
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy import parse_message
from wechatpy.replies import TextReply

from emulator.config import MessageMode
from emulator.envelope import Envelope, EnvelopeError, signature_fits
from emulator.member import SERVICE_FAILED
from tests.emulator.harness import AES_KEY, MINIAPP_APP_ID, OA_APP_ID, Emulator, running_emulator
from tests.emulator.webhook import TOKEN, Answer, Webhook, listening_webhook

MODES: list[MessageMode] = ["plain", "compatible", "safe"]
MINIAPP_TEMPLATE = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"


def seal(hook: Webhook, request: web.Request, message: str, app_id: str = OA_APP_ID) -> web.Response:
    """Answer with wechatpy's envelope."""
    query = request.query
    return web.Response(text=hook.crypto(app_id).encrypt_message(message, query["nonce"], query["timestamp"]))


async def greet(hook: Webhook, request: web.Request, message: str) -> web.Response:
    """A text reply as wechatpy renders it, encrypted where the push was."""
    reply = TextReply(content="您好", message=parse_message(message)).render()
    sealed = "encrypt_type" in request.query
    return seal(hook, request, reply) if sealed else web.Response(text=reply)


@pytest.mark.parametrize("mode", MODES)
async def test_wechatpy_understands_every_mode(tmp_path: Path, mode: MessageMode) -> None:
    async with (
        listening_webhook(greet) as hook,
        running_emulator(tmp_path, hook.url, message_mode=mode) as emulator,
    ):
        phone = await emulator.phone()
        await phone.scan(scene="inv_7Qk2")
        answer = await phone.say("签到")
        assert (answer["attempts"], answer["fault"]) == (1, None)
        assert [(reply["type"], reply["content"]) for reply in answer["replies"]] == [("text", "您好")]
        assert [item["text"] for item in await phone.inbox("passive")] == ["您好", "您好"]
        followed, said = (parse_message(message) for message in hook.messages)
        assert (followed.event, followed.scene_id) == ("subscribe_scan", "inv_7Qk2")
        assert (said.type, said.content, said.source) == ("text", "签到", phone.oa_openid)
        assert hook.requests[0]["openid"] == phone.oa_openid
        assert ("Content" in hook.bodies[1]) is (mode != "safe")
        assert ("Encrypt" in hook.bodies[1]) is (mode != "plain")


@pytest.mark.parametrize("mode", MODES)
async def test_json_in_every_mode(tmp_path: Path, mode: MessageMode) -> None:
    async def answer(hook: Webhook, request: web.Request, message: str) -> web.Response:
        asked = json.loads(message)
        names = {"ToUserName": asked["FromUserName"], "FromUserName": asked["ToUserName"]}
        reply = json.dumps({**names, "CreateTime": 1, "MsgType": "text", "Content": "您好"})
        if "encrypt_type" not in request.query:
            return web.json_response(text=reply)
        return web.json_response(seal_json(hook, reply))

    async with (
        listening_webhook(answer) as hook,
        running_emulator(tmp_path, hook.url, message_mode=mode, data_format="json") as emulator,
    ):
        phone = await emulator.phone()
        hook.miniapp_openids.add(phone.miniapp_openid)
        await phone.follow()
        assert (await phone.say("签到"))["replies"][0]["content"] == "您好"
        assert json.loads(hook.messages[1])["Content"] == "签到"
        await phone.subscribe(MINIAPP_TEMPLATE)
        await emulator.pushes()
        asked = json.loads(hook.messages[-1])
        assert asked["List"] == {
            "TemplateId": MINIAPP_TEMPLATE, "SubscribeStatusString": "accept", "PopupScene": "0",
        }  # fmt: skip


def seal_json(hook: Webhook, reply: str) -> dict[str, str]:
    """The JSON envelope, made of the parts of wechatpy's XML one."""
    sealed = ElementTree.fromstring(hook.crypto().encrypt_message(reply, "nonce", "1700000000"))  # noqa: S314 -- XML of this test
    return {child.tag: child.text or "" for child in sealed}


async def test_subscription_events_speak_for_the_miniapp(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    webhook.miniapp_openids.add(phone.miniapp_openid)
    await phone.subscribe(MINIAPP_TEMPLATE, accept=False)
    await emulator.pushes()
    (event,) = [parse_message(message) for message in webhook.messages]
    assert event.event == "subscribe_msg_popup_event"
    assert (event.source, event.target) == (phone.miniapp_openid, emulator.config.miniapp.original_id)
    assert event.subscribes[0]["SubscribeStatusString"] == "reject"


async def test_a_slow_server_is_asked_three_times_with_one_msgid(tmp_path: Path) -> None:
    async def sleep(_hook: Webhook, _request: web.Request, _message: str) -> web.Response:
        await asyncio.sleep(1)
        return web.Response(text="success")

    async with (
        listening_webhook(sleep) as hook,
        running_emulator(tmp_path, hook.url, push_timeout_s=0.25) as emulator,
    ):
        phone = await emulator.phone()
        fresh_stamps: list[bool] = []
        for act in (phone.follow(), phone.say("签到")):
            before = len(hook.requests)
            answer = await act
            assert (answer["attempts"], len(hook.requests) - before) == (3, 3)
            assert [reply["content"] for reply in answer["replies"]] == [SERVICE_FAILED]
            fresh_stamps.append(len({request["nonce"] for request in hook.requests[before:]}) == 3)
        assert fresh_stamps == [False, True]
        assert len({hook.fields(place)["MsgId"] for place in (3, 4, 5)}) == 1
        assert [item["channel"] for item in await phone.inbox()] == ["system", "sent", "system"]


async def test_nobody_listening(tmp_path: Path) -> None:
    async with running_emulator(tmp_path, "http://127.0.0.1:1/wechat") as emulator:
        phone = await emulator.phone()
        answer = await phone.follow()
        assert (answer["attempts"], answer["replies"][0]["content"]) == (3, SERVICE_FAILED)


async def test_a_lost_answer_is_asked_for_again(tmp_path: Path) -> None:
    async with listening_webhook(greet) as hook, running_emulator(tmp_path, hook.url) as emulator:
        phone = await emulator.phone()
        await phone.follow()
        await emulator.fault("push", "lost_reply")
        answer = await phone.say("签到")
        assert (answer["attempts"], len(answer["replies"])) == (2, 1)
        assert hook.fields(1)["MsgId"] == hook.fields(2)["MsgId"]


def text_reply(asked: dict[str, str], **changed: str) -> str:
    """A plain reply whose parts can be spoilt; an empty part is left out."""
    parts = {
        "ToUserName": asked["FromUserName"],
        "FromUserName": asked["ToUserName"],
        "CreateTime": "1700000000",
        "MsgType": "text",
        "Content": "您好",
        **changed,
    }
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
    return f"<xml>{inner}</xml>"


def news(asked: dict[str, str], count: str, items: int) -> str:
    item = "<item><Title>海报</Title><Description>扫一扫</Description><PicUrl>p</PicUrl><Url>u</Url></item>"
    plain = text_reply(asked, MsgType="news", Content="").removesuffix("</xml>")
    return f"{plain}<ArticleCount>{count}</ArticleCount><Articles>{item * items}</Articles></xml>"


PLAIN_REPLIES: list[tuple[str, Any, str]] = [
    ("text", lambda asked: text_reply(asked), "您好"),
    ("success", lambda _asked: "success", ""),
    ("nothing", lambda _asked: "", ""),
    ("2048 bytes", lambda asked: text_reply(asked, Content="x" * 2048), "x" * 2048),
    ("one article", lambda asked: news(asked, "1", 1), "海报\n扫一扫"),
    ("human agents", lambda asked: text_reply(asked, MsgType="transfer_customer_service", Content=""), "正在为你转接人工客服…"),
    ("2049 bytes", lambda asked: text_reply(asked, Content="x" * 2049), SERVICE_FAILED),
    ("683 characters of three bytes", lambda asked: text_reply(asked, Content="字" * 683), SERVICE_FAILED),
    ("no content", lambda asked: text_reply(asked, Content=""), SERVICE_FAILED),
    ("two articles", lambda asked: news(asked, "2", 2), SERVICE_FAILED),
    ("two articles said to be one", lambda asked: news(asked, "1", 2), SERVICE_FAILED),
    ("no article", lambda asked: news(asked, "0", 0), SERVICE_FAILED),
    ("another member", lambda asked: text_reply(asked, ToUserName="oOther"), SERVICE_FAILED),
    ("another account", lambda asked: text_reply(asked, FromUserName="gh_other"), SERVICE_FAILED),
    ("no time", lambda asked: text_reply(asked, CreateTime=""), SERVICE_FAILED),
    ("a time in words", lambda asked: text_reply(asked, CreateTime="now"), SERVICE_FAILED),
    ("no type", lambda asked: text_reply(asked, MsgType=""), SERVICE_FAILED),
    ("an unknown type", lambda asked: text_reply(asked, MsgType="dance"), SERVICE_FAILED),
    ("a picture never uploaded", lambda asked: text_reply(asked, MsgType="image"), SERVICE_FAILED),
    ("two contents", lambda asked: text_reply(asked).replace("</xml>", "<Content>x</Content></xml>"), SERVICE_FAILED),
    ("a control character", lambda asked: text_reply(asked, Content="a\x01b"), SERVICE_FAILED),
    ("a DTD", lambda asked: "<!DOCTYPE xml>" + text_reply(asked), SERVICE_FAILED),
    ("another root", lambda asked: text_reply(asked).replace("xml>", "message>"), SERVICE_FAILED),
    ("JSON", lambda _asked: '{"MsgType": "text"}', SERVICE_FAILED),
    ("words", lambda _asked: "ok", SERVICE_FAILED),
]  # fmt: skip


async def test_plain_replies_are_read_strictly(tmp_path: Path) -> None:
    replies: list[str] = []

    async def answer(_hook: Webhook, _request: web.Request, _message: str) -> web.Response:
        return web.Response(text=replies[-1])

    async with (
        listening_webhook(answer) as hook,
        running_emulator(tmp_path, hook.url, message_mode="plain") as emulator,
    ):
        phone = await emulator.phone()
        replies.append("success")
        await phone.follow()
        asked = {"FromUserName": phone.oa_openid, "ToUserName": emulator.config.oa.original_id}
        for name, render, shown in PLAIN_REPLIES:
            replies.append(render(asked))
            outcome = await phone.say("签到")
            assert "".join(reply["content"] for reply in outcome["replies"]) == shown, name
            assert (outcome["fault"] is not None) is (shown == SERVICE_FAILED), name
            assert outcome["attempts"] == 1, name


def sealed_replies() -> list[tuple[str, Answer, bool]]:
    """How a safe-mode answer may be sealed, and whether the platform can open it."""

    def render(message: str) -> str:
        return str(TextReply(content="您好", message=parse_message(message)).render())

    async def plain(_hook: Webhook, _request: web.Request, message: str) -> web.Response:
        return web.Response(text=render(message))

    async def other_account(hook: Webhook, request: web.Request, message: str) -> web.Response:
        return seal(hook, request, render(message), MINIAPP_APP_ID)

    async def bad_signature(hook: Webhook, request: web.Request, message: str) -> web.Response:
        good = seal(hook, request, render(message)).text or ""
        start = good.index("<MsgSignature><![CDATA[") + len("<MsgSignature><![CDATA[")
        return web.Response(text=good[:start] + "0" * 40 + good[start + 40 :])

    async def tampered(hook: Webhook, request: web.Request, message: str) -> web.Response:
        good = seal(hook, request, render(message)).text or ""
        return web.Response(text=good.replace("<Encrypt><![CDATA[", "<Encrypt><![CDATA[AAAA"))

    async def sealed_success(hook: Webhook, request: web.Request, _message: str) -> web.Response:
        return seal(hook, request, "success")

    async def status_500(_hook: Webhook, _request: web.Request, _message: str) -> web.Response:
        return web.Response(status=500, text="success")

    return [
        ("as it should be", greet, True),
        ("not at all", plain, False),
        ("for another account", other_account, False),
        ("with a wrong signature", bad_signature, False),
        ("with other ciphertext than signed", tampered, False),
        ("success in an envelope", sealed_success, False),
        ("with status 500", status_500, False),
    ]


async def test_sealed_replies_are_read_strictly(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    await phone.follow()
    for name, answer, opens in sealed_replies():
        webhook.answer = answer
        outcome = await phone.say("签到")
        assert outcome["replies"][0]["content"] == ("您好" if opens else SERVICE_FAILED), name
        assert outcome["attempts"] == 1, name


async def test_a_link_is_kept_in_the_content_and_read_as_its_words(
    emulator: Emulator, webhook: Webhook
) -> None:
    async def link(hook: Webhook, request: web.Request, message: str) -> web.Response:
        reply = TextReply(content='点<a href="https://m">这里</a>', message=parse_message(message)).render()
        return seal(hook, request, reply)

    webhook.answer = link
    (reply,) = (await (await emulator.phone()).follow())["replies"]
    assert (reply["content"], reply["text"]) == ('点<a href="https://m">这里</a>', "点这里")


async def test_awkward_pushes(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    await emulator.fault("push", "msgtype_event")
    await phone.follow()
    assert webhook.fields()["MsgType"] == "Event"
    await emulator.fault("push", "non_numeric_msgid")
    await phone.say("签到")
    assert not webhook.fields()["MsgId"].isdigit()
    await emulator.fault("push", "unknown_event")
    await phone.say("签到")
    assert [webhook.fields(place)["MsgType"] for place in (-2, -1)] == ["event", "text"]
    assert webhook.fields(-2)["Event"] == "some_future_event"
    await emulator.fault("push", "plain_push")
    await phone.say("签到")
    assert "encrypt_type" not in webhook.requests[-1]


async def test_a_duplicate_is_delivered_at_the_same_time_and_shown_once(tmp_path: Path) -> None:
    both = asyncio.Event()

    async def wait_for_both(hook: Webhook, request: web.Request, message: str) -> web.Response:
        if len(hook.messages) == 2:
            both.set()
        await both.wait()
        return await greet(hook, request, message)

    async with listening_webhook(wait_for_both) as hook, running_emulator(tmp_path, hook.url) as emulator:
        await emulator.fault("push", "duplicate_push")
        phone = await emulator.phone()
        assert len((await phone.follow())["replies"]) == 1
        assert hook.messages[0] == hook.messages[1]


async def test_a_push_with_another_key_or_a_wrong_signature_is_told_apart(tmp_path: Path) -> None:
    seen: list[tuple[bool, str]] = []

    async def note(request: web.Request) -> web.Response:
        query, encrypted = request.query, (await request.text()).split("<![CDATA[")[2].split("]]>")[0]
        parts = (TOKEN, query["timestamp"], query["nonce"], encrypted)
        seen.append((signature_fits(query["msg_signature"], *parts), encrypted))
        return web.Response(text="success")

    app = web.Application()
    app.router.add_post("/wechat", note)
    async with (
        TestServer(app) as server,
        running_emulator(tmp_path, str(server.make_url("/wechat"))) as emulator,
    ):
        phone = await emulator.phone()
        await emulator.fault("push", "other_key", AES_KEY[::-1])
        await phone.follow()
        await emulator.fault("push", "bad_signature")
        await phone.say("签到")
    (first_fits, first), (second_fits, second) = seen
    assert (first_fits, second_fits) == (True, False)
    assert "subscribe" in Envelope(AES_KEY[::-1], OA_APP_ID).decrypt(first)
    with pytest.raises(EnvelopeError):
        Envelope(AES_KEY, OA_APP_ID).decrypt(first)
    assert "签到" in Envelope(AES_KEY, OA_APP_ID).decrypt(second)
