"""The control API: phones, follow, scan, say, tap, clock, and its refusals."""

from pathlib import Path
from typing import Any

from tests.emulator.harness import Emulator, running_emulator
from tests.emulator.webhook import Webhook


async def test_a_phone_has_its_own_identities(emulator: Emulator) -> None:
    first, second = await emulator.phone("小明"), await emulator.phone("小红", unionid=False)
    assert len({first.oa_openid, first.miniapp_openid, second.oa_openid, second.miniapp_openid}) == 4
    assert len(first.oa_openid) == 28
    assert first.unionid
    assert second.unionid is None
    assert [phone["name"] for phone in await emulator.control("GET", "/phones")] == ["小明", "小红"]


async def test_follow_tells_the_webhook(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    assert await phone.follow() == {"replies": [], "attempts": 1, "fault": None}
    fields = webhook.fields()
    assert (fields["Event"], fields["EventKey"]) == ("subscribe", "")
    assert fields["FromUserName"] == phone.oa_openid
    assert fields["ToUserName"] == emulator.config.oa.original_id
    assert (await phone.state())["following"] is True


async def test_a_scan_follows_with_the_scene_or_is_told_as_scan(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    await phone.scan(scene="inv_7Qk2")
    assert webhook.fields()["EventKey"] == "qrscene_inv_7Qk2"
    assert webhook.fields()["Ticket"].startswith("gQ")
    await phone.scan(scene="inv_7Qk2")
    assert (webhook.fields()["Event"], webhook.fields()["EventKey"]) == ("SCAN", "inv_7Qk2")


async def test_unfollow_and_follow_again_within_the_same_second(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    await phone.follow()
    assert (await phone.unfollow())["replies"] == []
    await phone.follow()
    events = [webhook.fields(place)["Event"] for place in range(3)]
    assert events == ["subscribe", "unsubscribe", "subscribe"]
    assert len({webhook.fields(place)["CreateTime"] for place in range(3)}) == 1


async def test_say_and_tap(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    await phone.follow()
    await phone.say("签到 > <b>&")
    assert webhook.fields()["Content"] == "签到 > <b>&"
    first = int(webhook.fields()["MsgId"])
    await phone.say("再来")
    assert int(webhook.fields()["MsgId"]) > first
    await phone.tap("积分")
    assert (webhook.fields()["Event"], webhook.fields()["EventKey"]) == ("CLICK", "积分")
    assert [item["text"] for item in await phone.inbox("sent")] == ["签到 > <b>&", "再来"]


async def test_the_clock_moves_forward_only(emulator: Emulator) -> None:
    before = emulator.clock.now()
    await emulator.control("POST", "/clock", {"advance_s": 86400})
    assert (emulator.clock.now() - before).days == 1
    refused = await emulator.client.post("/emulator/v1/clock", json={"advance_s": -1})
    assert refused.status_code == 422
    assert emulator.clock.now() > before


async def test_everything_survives_a_restart(tmp_path: Path, webhook: Webhook) -> None:
    template = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"
    async with running_emulator(tmp_path, webhook.url) as first:
        phone = await first.phone("小明")
        webhook.miniapp_openids.add(phone.miniapp_openid)
        await phone.follow()
        await phone.say("积分")
        await phone.subscribe(template)
        code, token = await phone.login(), await first.token()
        made = await first.call(
            "/cgi-bin/qrcode/create",
            {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "a"}}},
        )
        before = [await phone.state(), await phone.inbox()]
    async with running_emulator(tmp_path, webhook.url) as second:
        assert (await second.control("GET", "/phones"))[0]["following"] is True
        again = type(phone)(second, phone.phone_id, phone.oa_openid, phone.miniapp_openid, phone.unionid)
        assert [await again.state(), await again.inbox()] == before
        assert await second.token() == token
        assert (
            await second.client.get("/cgi-bin/showqrcode", params={"ticket": made["ticket"]})
        ).status_code == 200
        account = second.config.miniapp
        query = {
            "appid": account.app_id,
            "secret": account.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        session = (await second.client.get("/sns/jscode2session", params=query)).json()
        assert session["openid"] == phone.miniapp_openid


REFUSALS: list[tuple[str, str, Any, int, str]] = [
    ("POST", "/phones", {}, 422, "name 没有给出"),
    ("POST", "/phones", {"name": ""}, 422, "太短"),
    ("POST", "/phones", {"name": "a", "x": 1}, 422, "x 不是认识的字段"),
    ("GET", "/phones/none", None, 404, "没有这部手机"),
    ("POST", "/phones/none/say", {"text": "hi"}, 404, "没有这部手机"),
    ("POST", "/phones/{phone}/say", {"text": "hi"}, 409, "还没有关注公众号"),
    ("POST", "/phones/{phone}/tap", {"key": "签到"}, 409, "还没有关注公众号"),
    ("POST", "/phones/{phone}/unfollow", None, 409, "还没有关注公众号"),
    ("POST", "/phones/{phone}/scan", {}, 422, "scene 和 ticket 要给一个"),
    ("POST", "/phones/{phone}/scan", {"scene": "a", "ticket": "b"}, 422, "scene 和 ticket 要给一个"),
    ("POST", "/phones/{phone}/scan", {"ticket": "none"}, 404, "没有这张二维码"),
    ("POST", "/phones/{phone}/subscribe", {"template_id": "none", "accept": True}, 404, "没有这个订阅消息模板"),
    ("POST", "/phones/{phone}/subscribe", {"template_id": "none", "accept": "yes"}, 422, "要是 true 或 false"),
    ("POST", "/clock", {"advance_s": 0}, 422, "太小"),
    ("POST", "/clock", {"advance_s": "60"}, 422, "要是整数"),
    ("POST", "/faults", {"path": "/cgi-bin/token", "kind": "none"}, 422, "没有 none 这种故障"),
    ("POST", "/faults", {"path": "/cgi-bin/token", "kind": "errcode", "value": "x"}, 422, "整数错误码"),
    ("POST", "/faults", {"path": "cgi-bin", "kind": "drop"}, 422, "以 / 开头"),
    ("POST", "/faults", {"path": "push", "kind": "drop"}, 422, "没有 drop 这种故障"),
    ("POST", "/faults", {"path": "/cgi-bin/token", "kind": "drop", "times": 0}, 422, "太小"),
]  # fmt: skip


async def test_refusals(emulator: Emulator, webhook: Webhook) -> None:
    phone = await emulator.phone()
    for method, path, body, status, words in REFUSALS:
        target = "/emulator/v1" + path.replace("{phone}", phone.phone_id)
        response = await emulator.client.request(method, target, json=body)
        assert response.status_code == status, (path, body)
        assert words in response.json()["detail"], (path, body)
    assert webhook.messages == []


async def test_one_cannot_follow_twice(emulator: Emulator) -> None:
    phone = await emulator.phone()
    await phone.follow()
    again = await emulator.client.post(f"/emulator/v1/phones/{phone.phone_id}/follow")
    assert (again.status_code, again.json()["detail"]) == (409, "已经关注了公众号")


async def test_health(emulator: Emulator) -> None:
    assert (await emulator.client.get("/healthz")).json() == {"status": "ok"}


async def test_the_webhook_is_verified_by_its_echo(emulator: Emulator, tmp_path: Path) -> None:
    assert await emulator.control("POST", "/verify-webhook") == {"verified": True}
    nobody = f"{emulator.base_url}/nobody"
    async with running_emulator(tmp_path / "other", nobody) as other:
        assert await other.control("POST", "/verify-webhook") == {"verified": False}
