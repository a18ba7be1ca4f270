"""Template, customer-service and subscription messages: every refusal, and what the phone and the webhook see."""

import re
from typing import Any

from tests.emulator.harness import MINIAPP_APP_ID, Emulator, Phone
from tests.emulator.webhook import Webhook

TEMPLATE_SEND = "/cgi-bin/message/template/send"
CUSTOM_SEND = "/cgi-bin/message/custom/send"
SUBSCRIBE_SEND = "/cgi-bin/message/subscribe/send"
OA_TEMPLATE = "o8O-3rMIk3KTAVpxbQuCkXZziGSuVA_JN_JO-UN6uNl"
MINIAPP_TEMPLATE = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"
DATA = {"thing1": {"value": "积分俱乐部"}, "number2": {"value": "350"}, "thing3": {"value": "权益有更新"}}


def template(phone: Phone, **changed: Any) -> dict[str, Any]:
    return {"touser": phone.oa_openid, "template_id": OA_TEMPLATE, "data": DATA, **changed}


def subscription(phone: Phone, **changed: Any) -> dict[str, Any]:
    return {"touser": phone.miniapp_openid, "template_id": MINIAPP_TEMPLATE, "data": DATA, **changed}


def text(phone: Phone, content: Any = "您好") -> dict[str, Any]:
    return {"touser": phone.oa_openid, "msgtype": "text", "text": {"content": content}}


async def test_a_template_message_is_shown_and_reported(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    await phone.follow()
    jump = {
        "url": "https://m.example.com",
        "miniprogram": {"appid": MINIAPP_APP_ID, "pagepath": "pages/games/index?a=1"},
    }
    answer = await emulator.call(TEMPLATE_SEND, template(phone, **jump))
    assert answer == {"errcode": 0, "errmsg": "ok", "msgid": answer["msgid"]}
    (item,) = await phone.inbox("template")
    assert item["text"] == "会员权益提醒\n会员计划：积分俱乐部\n可用积分：350\n提醒内容：权益有更新"
    assert {key: item[key] for key in jump} == jump
    assert (item["title"], item["msgid"]) == ("会员权益提醒", answer["msgid"])
    await emulator.pushes()
    fields = webhook.fields()
    assert (fields["Event"], fields["Status"]) == ("TEMPLATESENDJOBFINISH", "success")
    assert fields["MsgID"] == str(answer["msgid"])


async def test_a_blocked_template_message_is_accepted_and_reported_failed(
    emulator: Emulator, webhook: Webhook
) -> None:
    phone = await emulator.phone()
    await phone.follow()
    await phone.block()
    assert (await emulator.call(TEMPLATE_SEND, template(phone)))["errcode"] == 0
    await emulator.pushes()
    assert webhook.fields()["Status"] == "failed:user block"
    assert await phone.inbox("template") == []


async def test_template_refusals(emulator: Emulator, webhook: Webhook) -> None:
    phone, stranger = await emulator.phone(), await emulator.phone()
    await phone.follow()
    wrong_number = {**DATA, "number2": {"value": "很多"}}
    table: list[tuple[str, dict[str, Any], int]] = [
        ("unknown openid", template(phone, touser="oNobody"), 40003),
        ("openid of the mini-program", template(phone, touser=phone.miniapp_openid), 40003),
        ("no openid", template(phone, touser=None), 40003),
        ("not following", template(stranger), 43004),
        ("id of a wrong length", template(phone, template_id="short"), 40036),
        ("no id", template(phone, template_id=None), 40036),
        ("unknown id", template(phone, template_id="x" * 43), 40037),
        ("id of the mini-program", template(phone, template_id=MINIAPP_TEMPLATE), 40037),
        ("no data", template(phone, data=None), 47003),
        ("a key missing", template(phone, data={"thing1": {"value": "a"}}), 47003),
        ("a key unknown", template(phone, data={**DATA, "thing9": {"value": "a"}}), 47003),
        ("a wrong value", template(phone, data=wrong_number), 47003),
        ("another mini-program", template(phone, miniprogram={"appid": "wx-other"}), 40013),
        ("an unknown page", template(phone, miniprogram={"appid": MINIAPP_APP_ID, "pagepath": "x"}), 40165),
    ]  # fmt: skip
    for name, body, expected in table:
        answer = await emulator.call(TEMPLATE_SEND, body)
        assert answer["errcode"] == expected, name
        assert re.search(r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", answer["errmsg"]), name
    answer = await emulator.call(TEMPLATE_SEND, template(phone, data=wrong_number))
    assert answer["errmsg"].startswith("argument invalid! data.number2.value invalid rid: ")
    assert await phone.inbox("template") == []
    assert [push["event"] for push in await emulator.pushes()] == ["subscribe"]


async def test_a_client_msg_id_is_shown_once_in_ten_minutes(emulator: Emulator) -> None:
    phone, other = await emulator.phone(), await emulator.phone()
    await phone.follow()
    await other.follow()
    first = await emulator.call(TEMPLATE_SEND, template(phone, client_msg_id="grant-42"))
    emulator.clock.advance(599)
    assert await emulator.call(TEMPLATE_SEND, template(phone, client_msg_id="grant-42")) == first
    assert len(await phone.inbox("template")) == 1
    elsewhere = await emulator.call(TEMPLATE_SEND, template(other, client_msg_id="grant-42"))
    assert elsewhere["msgid"] != first["msgid"]
    emulator.clock.advance(1)
    again = await emulator.call(TEMPLATE_SEND, template(phone, client_msg_id="grant-42"))
    assert again["msgid"] != first["msgid"]
    assert len(await phone.inbox("template")) == 2


async def test_the_list_of_templates(emulator: Emulator) -> None:
    answer = await emulator.call("/cgi-bin/template/get_all_private_template")
    assert answer.keys() == {"template_list"}
    assert {entry["title"] for entry in answer["template_list"]} == {"积分到期提醒", "会员权益提醒"}
    assert "{{thing1.DATA}}" in answer["template_list"][0]["content"]


async def test_custom_message_windows(emulator: Emulator) -> None:
    """What opens a window, how long it stays open, how many messages pass."""
    table: list[tuple[str, int, int, int]] = [
        ("say", 48 * 3600, 5, 45047),
        ("tap", 60, 3, 45047),
        ("scan", 60, 3, 45047),
    ]
    for trigger, length_s, count, used_up in table:
        phone = await emulator.phone()
        await phone.follow()
        emulator.clock.advance(61)
        assert (await emulator.call(CUSTOM_SEND, text(phone)))["errcode"] == 45015, trigger
        await getattr(phone, trigger)("签到")
        emulator.clock.advance(length_s - 1)
        codes = [(await emulator.call(CUSTOM_SEND, text(phone)))["errcode"] for _ in range(count + 1)]
        assert codes == [0] * count + [used_up], trigger
        assert len(await phone.inbox("custom")) == count, trigger
        await getattr(phone, trigger)("签到")
        emulator.clock.advance(length_s)
        assert (await emulator.call(CUSTOM_SEND, text(phone)))["errcode"] == 45015, trigger


async def test_following_opens_a_window_and_unfollowing_closes_all(emulator: Emulator) -> None:
    phone = await emulator.phone()
    assert (await emulator.call(CUSTOM_SEND, text(phone)))["errcode"] == 45015
    await phone.follow()
    await phone.say("签到")
    codes = [(await emulator.call(CUSTOM_SEND, text(phone)))["errcode"] for _ in range(9)]
    assert codes == [0] * 8 + [45047]
    await phone.say("签到")
    await phone.unfollow()
    assert (await emulator.call(CUSTOM_SEND, text(phone)))["errcode"] == 45015


async def test_custom_messages_and_their_refusals(emulator: Emulator) -> None:
    phone = await emulator.phone()
    await phone.follow()
    to = {"touser": phone.oa_openid}
    article = {"title": "海报", "description": "扫一扫", "url": "https://m", "picurl": "https://m/p.png"}
    menu = {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}]}
    table: list[tuple[str, dict[str, Any], int]] = [
        ("unknown openid", {**text(phone), "touser": "oNobody"}, 40003),
        ("openid of the mini-program", {**text(phone), "touser": phone.miniapp_openid}, 40003),
        ("unknown type", {**to, "msgtype": "dance"}, 40008),
        ("media never uploaded", {**to, "msgtype": "image", "image": {"media_id": "m"}}, 40007),
        ("no text", {**to, "msgtype": "text"}, 44004),
        ("empty text", text(phone, ""), 44004),
        ("2049 bytes", text(phone, "字" * 683), 45002),
        ("two articles", {**to, "msgtype": "news", "news": {"articles": [article, article]}}, 45008),
        ("no article", {**to, "msgtype": "news", "news": {"articles": []}}, 44004),
        ("2046 bytes", text(phone, "字" * 682), 0),
        ("one article", {**to, "msgtype": "news", "news": {"articles": [article]}}, 0),
        ("a menu", {**to, "msgtype": "msgmenu", "msgmenu": menu}, 0),
    ]  # fmt: skip
    for name, body, expected in table:
        assert (await emulator.call(CUSTOM_SEND, body))["errcode"] == expected, name
    shown = await phone.inbox("custom")
    assert [item["type"] for item in shown] == ["text", "news", "msgmenu"]
    assert (shown[1]["title"], shown[1]["pic_url"], shown[1]["text"]) == (
        "海报",
        "https://m/p.png",
        "海报\n扫一扫",
    )
    assert shown[2]["text"] == "满意吗\n满意"
    await phone.block()
    assert (await emulator.call(CUSTOM_SEND, text(phone)))["errcode"] == 48002


async def test_one_consent_is_one_message(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    webhook.miniapp_openids.add(phone.miniapp_openid)
    for _ in range(2):
        await phone.subscribe(MINIAPP_TEMPLATE)
    await emulator.pushes()
    bodies = [subscription(phone, page="pages/games/index?from=notice") for _ in range(3)]
    answers = [await emulator.call(SUBSCRIBE_SEND, body, kind="miniapp") for body in bodies]
    assert [answer["errcode"] for answer in answers] == [0, 0, 43101]
    shown = await phone.inbox("subscribe")
    assert len(shown) == 2
    assert shown[0]["text"] == "活动提醒\n会员计划：积分俱乐部\n可用积分：350\n提醒内容：权益有更新"
    assert shown[0]["page"] == "pages/games/index?from=notice"
    events = [push["event"] for push in await emulator.pushes()]
    assert events == ["subscribe_msg_popup_event"] * 2 + ["subscribe_msg_sent_event"] * 2


async def test_a_refusal_takes_earlier_consents_back(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    webhook.miniapp_openids.add(phone.miniapp_openid)
    await phone.subscribe(MINIAPP_TEMPLATE)
    await phone.subscribe(MINIAPP_TEMPLATE, accept=False)
    assert (await emulator.call(SUBSCRIBE_SEND, subscription(phone), kind="miniapp"))["errcode"] == 43101
    (state,) = [one for one in (await phone.state())["consents"] if one["template_id"] == MINIAPP_TEMPLATE]
    assert state == {"template_id": MINIAPP_TEMPLATE, "title": "活动提醒", "left": 0, "refused": True}
    await phone.subscribe(MINIAPP_TEMPLATE)
    assert (await emulator.call(SUBSCRIBE_SEND, subscription(phone), kind="miniapp"))["errcode"] == 0


async def test_subscription_refusals_use_up_nothing(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    webhook.miniapp_openids.add(phone.miniapp_openid)
    await phone.subscribe(MINIAPP_TEMPLATE)
    table: list[tuple[str, dict[str, Any], int]] = [
        ("openid of the official account", subscription(phone, touser=phone.oa_openid), 40003),
        ("unknown openid", subscription(phone, touser="oNobody"), 40003),
        ("template of the official account", subscription(phone, template_id=OA_TEMPLATE), 40037),
        ("short template id", subscription(phone, template_id="x"), 40037),
        ("unknown page", subscription(phone, page="pages/none"), 41030),
        ("page with a leading slash", subscription(phone, page="/pages/games/index"), 41030),
        ("empty value", subscription(phone, data={**DATA, "thing3": {"value": ""}}), 47003),
        ("too long", subscription(phone, data={**DATA, "thing3": {"value": "字" * 21}}), 47003),
        ("unknown state", subscription(phone, miniprogram_state="beta"), 47003),
    ]  # fmt: skip
    for name, body, expected in table:
        assert (await emulator.call(SUBSCRIBE_SEND, body, kind="miniapp"))["errcode"] == expected, name
    assert (await emulator.call(SUBSCRIBE_SEND, subscription(phone), kind="miniapp"))["errcode"] == 0
