"""Names that pass for the shop or for WeChat, and names that only look a little like it."""

import pytest

from loyalty.members.reserved import reserved_word

OWN = ("拾光咖啡", "拾光积分", "Jifen", "茶")


@pytest.mark.parametrize(
    "nickname",
    [
        "微信官方客服", "官 方", "微 信-客.服", "官\u200c方", "官方🙂", "客⃝服", "徽信", "管理員", "騰訊", "系統管理员",
        "ＡＤＭＩＮ", "Admin01", "adm1n", "0fficial", "\u0430dmin", "a d m i n", "Ⓐⓓⓜⓘⓝ", "ádmin", "WeChat Official",
        "wechatofficial", "weixin_kefu", "5upport", "拾光咖啡店长", "拾光 咖啡", "拾．光．积．分", "J I F E N", "ｊｉｆｅｎ助手",
        "茶", "宮方", "WeCh@t", "$taff",
    ],
)  # fmt: skip
def test_reserved(nickname: str) -> None:
    assert reserved_word(nickname, OWN)


@pytest.mark.parametrize(
    "nickname",
    [
        "小明", "欧阳小明", "badminton", "喝茶", "serviceman", "王官", "方官", "信微", "John", "系统", "Jif", "光咖", "admirer",
        "客家人", "Emma", "123", "0", "👍", "wxid", "staffordshire", "小王\U0001faea", "می\u200cخواهم",
    ],
)  # fmt: skip
def test_not_reserved(nickname: str) -> None:
    assert reserved_word(nickname, OWN) is None
