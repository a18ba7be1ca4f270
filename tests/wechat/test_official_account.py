"""The official account's calls, shape by shape."""

import pytest

from tests.wechat.platform import OPENID, Platform
from wechat.errors import BadRequest, Transient, Undeliverable, UnfitValue
from wechat.official_account import MiniProgramPage, OfficialAccountApi, QrCode, UserInfo


async def test_user_info(official_account: OfficialAccountApi) -> None:
    assert await official_account.user_info(OPENID) == UserInfo(
        openid=OPENID,
        follows=True,
        unionid="uni-1",
        followed_at=1700000000,
        subscribe_scene="ADD_SCENE_QR_CODE",
        scene="inv_7Qk2",
    )


async def test_user_info_of_one_who_left(official_account: OfficialAccountApi) -> None:
    assert await official_account.user_info("oGone") == UserInfo("oGone", False, None, None, None, None)


async def test_user_info_of_a_stranger(official_account: OfficialAccountApi) -> None:
    with pytest.raises(Undeliverable):
        await official_account.user_info("oStranger")


async def test_qrcodes(official_account: OfficialAccountApi, platform: Platform) -> None:
    lasting = await official_account.create_qrcode("店_12")
    passing = await official_account.create_qrcode("inv", expire_seconds=604800)
    assert lasting == QrCode("gQ-店_12", "http://weixin.qq.com/q/店_12", None)
    assert passing == QrCode("gQ-inv", "http://weixin.qq.com/q/inv", 604800)
    assert platform.bodies["/cgi-bin/qrcode/create"] == [
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "店_12"}}},
        {
            "action_name": "QR_STR_SCENE",
            "expire_seconds": 604800,
            "action_info": {"scene": {"scene_str": "inv"}},
        },
    ]


@pytest.mark.parametrize(
    ("scene", "expire_seconds"), [("", None), ("x" * 65, None), ("x", 59), ("x", 2_592_001)]
)
async def test_impossible_qrcodes_are_not_asked_for(
    official_account: OfficialAccountApi, platform: Platform, scene: str, expire_seconds: int | None
) -> None:
    with pytest.raises(BadRequest):
        await official_account.create_qrcode(scene, expire_seconds)
    assert not platform.asked


async def test_a_qrcode_without_ticket(official_account: OfficialAccountApi, platform: Platform) -> None:
    platform.next("/cgi-bin/qrcode/create", {"url": "http://weixin.qq.com/q/x"})
    with pytest.raises(Transient):
        await official_account.create_qrcode("x")


async def test_template(official_account: OfficialAccountApi, platform: Platform) -> None:
    msgid = await official_account.send_template(
        OPENID,
        "T1",
        {"thing1": "每日签到" * 6, "number2": "1,200"},
        "grant-42",
        url="https://m.example.com/",
        miniprogram=MiniProgramPage("wxMP", "pages/x?a=1"),
    )
    assert msgid == "200228332"
    assert platform.bodies["/cgi-bin/message/template/send"] == [
        {
            "touser": OPENID,
            "template_id": "T1",
            "client_msg_id": "grant-42",
            "data": {
                "thing1": {"value": "每日签到每日签到每日签到每日签到每日签…"},
                "number2": {"value": "1200"},
            },
            "url": "https://m.example.com/",
            "miniprogram": {"appid": "wxMP", "pagepath": "pages/x?a=1"},
        }
    ]


async def test_a_template_with_an_unfit_value_is_not_sent(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    with pytest.raises(UnfitValue):
        await official_account.send_template(OPENID, "T1", {"number1": "很多"}, "grant-42")
    assert not platform.asked


async def test_template_to_one_who_left(official_account: OfficialAccountApi) -> None:
    with pytest.raises(Undeliverable):
        await official_account.send_template("oGone", "T1", {"thing1": "a"}, "grant-42")


async def test_custom_text_is_cut(official_account: OfficialAccountApi, platform: Platform) -> None:
    await official_account.send_custom_text(OPENID, "积\ud800分" * 400)
    sent = platform.bodies["/cgi-bin/message/custom/send"][0]["text"]["content"]
    assert sent == ("积分" * 341)[:681] + "…"


async def test_menu(official_account: OfficialAccountApi, platform: Platform) -> None:
    buttons = [{"type": "click", "name": "签到", "key": "签到"}]
    await official_account.create_menu(buttons)
    assert platform.bodies["/cgi-bin/menu/create"] == [{"button": buttons}]
