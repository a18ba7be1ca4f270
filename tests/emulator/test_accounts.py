"""Users, login codes, phone numbers."""

import base64
from typing import Any

import pytest

from tests.emulator.harness import MINIAPP_APP_ID, Emulator

LOGIN = {"appid": MINIAPP_APP_ID, "secret": "miniapp-secret", "grant_type": "authorization_code"}


async def log_in(emulator: Emulator, **changed: str) -> Any:
    return (await emulator.client.get("/sns/jscode2session", params={**LOGIN, **changed})).json()


async def test_user_info(emulator: Emulator) -> None:
    phone, unbound = await emulator.phone(), await emulator.phone(unionid=False)
    ask = "/cgi-bin/user/info"
    assert await emulator.call(ask, openid=phone.oa_openid) == {
        "subscribe": 0, "openid": phone.oa_openid, "unionid": phone.unionid,
    }  # fmt: skip
    assert await emulator.call(ask, openid=unbound.oa_openid) == {"subscribe": 0, "openid": unbound.oa_openid}
    await phone.scan(scene="inv_1")
    assert await emulator.call(ask, openid=phone.oa_openid, lang="zh_CN") == {
        "subscribe": 1,
        "openid": phone.oa_openid,
        "language": "zh_CN",
        "subscribe_time": int(emulator.clock.now().timestamp()),
        "unionid": phone.unionid,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE",
        "qr_scene": 0,
        "qr_scene_str": "inv_1",
    }
    await unbound.follow()
    info = await emulator.call(ask, openid=unbound.oa_openid)
    assert "unionid" not in info
    assert info["subscribe_scene"] == "ADD_SCENE_SEARCH"
    assert (await emulator.call(ask, openid=phone.miniapp_openid))["errcode"] == 40003
    assert (await emulator.call(ask))["errcode"] == 40003


async def test_login(emulator: Emulator) -> None:
    phone, unbound = await emulator.phone(), await emulator.phone(unionid=False)
    response = await emulator.client.get(
        "/sns/jscode2session", params={**LOGIN, "js_code": await phone.login()}
    )
    assert response.headers["content-type"].startswith("text/plain")
    session = response.json()
    assert session.keys() == {"openid", "session_key", "unionid"}
    assert (session["openid"], session["unionid"]) == (phone.miniapp_openid, phone.unionid)
    assert len(base64.b64decode(session["session_key"], validate=True)) == 16
    assert (await log_in(emulator, js_code=await phone.login()))["session_key"] != session["session_key"]
    assert "unionid" not in await log_in(emulator, js_code=await unbound.login())


async def test_login_refusals(emulator: Emulator) -> None:
    phone = await emulator.phone()
    used, old, other = await phone.login(), await phone.login(), await phone.phone_number()
    await log_in(emulator, js_code=used)
    table: list[tuple[dict[str, str], int]] = [
        ({}, 41008),
        ({"js_code": "nonsense"}, 40029),
        ({"js_code": used}, 40163),
        ({"js_code": other}, 40029),
        ({"js_code": old, "secret": "wrong"}, 40125),
        ({"js_code": old, "secret": ""}, 41004),
        ({"js_code": old, "appid": "wx-other"}, 40013),
        ({"js_code": old, "appid": ""}, 41002),
        ({"js_code": old, "grant_type": "client_credential"}, 40002),
        ({"js_code": old, "appid": emulator.config.oa_app_id, "secret": "oa-secret"}, 40013),
    ]
    for changed, expected in table:
        assert (await log_in(emulator, **changed))["errcode"] == expected, changed
    emulator.clock.advance(300)
    assert (await log_in(emulator, js_code=old))["errcode"] == 40029
    assert (await log_in(emulator, js_code=used))["errcode"] == 40163


@pytest.mark.slow
async def test_a_hundred_logins_a_minute_for_each_user(emulator: Emulator) -> None:
    phone, other = await emulator.phone(), await emulator.phone()
    for _ in range(100):
        assert "openid" in await log_in(emulator, js_code=await phone.login())
    assert (await log_in(emulator, js_code=await phone.login()))["errcode"] == 45011
    assert "openid" in await log_in(emulator, js_code=await other.login())
    emulator.clock.advance(60)
    assert "openid" in await log_in(emulator, js_code=await phone.login())


async def test_phone_numbers(emulator: Emulator) -> None:
    phone, other = await emulator.phone(), await emulator.phone()
    ask = "/wxa/business/getuserphonenumber"
    code, login = await phone.phone_number(), await phone.login()
    foreign = {"code": code, "openid": other.miniapp_openid}
    assert (await emulator.call(ask, foreign, kind="miniapp"))["errcode"] == 40003
    answer = await emulator.call(ask, {"code": code}, kind="miniapp")
    assert answer["phone_info"]["purePhoneNumber"] == (await phone.state())["phone_number"]
    assert answer["phone_info"]["watermark"]["appid"] == MINIAPP_APP_ID
    assert (await emulator.call(ask, {"code": code}, kind="miniapp"))["errcode"] == 40163
    assert (await emulator.call(ask, {"code": login}, kind="miniapp"))["errcode"] == 40029


async def test_the_content_check(emulator: Emulator) -> None:
    phone = await emulator.phone()

    async def verdict(content: str, changed: dict[str, Any] | None = None) -> Any:
        asked = {"version": 2, "scene": 1, "openid": phone.miniapp_openid, "content": content}
        body = asked | (changed or {})
        answer = await emulator.call("/wxa/msg_sec_check", body, "miniapp")
        return answer["errcode"] or answer["result"]["suggest"]

    assert await verdict("小明") == 61010, "the member has not opened the mini-program"
    await log_in(emulator, js_code=await phone.login())
    assert [await verdict(text) for text in ("小明", "违禁品", "存疑")] == ["pass", "risky", "review"]
    wrong: list[dict[str, Any]] = [{"version": 1}, {"scene": 9}, {"content": ""}, {"openid": "oNobody"}]
    assert [await verdict("小明", one) for one in wrong] == [40129, 40129, 44002, 40003]
    emulator.clock.advance(7_201)
    assert await verdict("小明") == 61010
