"""Which nicknames WeChat and our own words let members show: reserved ones are refused, unchecked ones stay off the poster."""

from typing import Any
from unittest.mock import patch

import pytest

from channels import invitation
from channels.nicknames import CHECK_TIMEOUT_S
from tests.ledger import rules_with
from tests.miniapp_api.client import Mini

CHECK = "/wxa/msg_sec_check"


async def name(ming: Mini) -> tuple[Any, Any]:
    row = await ming.house.resources.pool.fetchrow(
        "SELECT nickname, nickname_checked FROM member WHERE member_id = $1", ming.member_id
    )
    return row["nickname"], row["nickname_checked"]


async def poster_name(ming: Mini) -> str | None:
    """The name that the next poster is drawn with."""
    with patch.object(invitation, "poster_text", wraps=invitation.poster_text) as text:
        assert (await ming.get("/referral/poster.png", kind="oa")).status == 200
    return str(text.call_args.args[1]) if text.call_args.args[1] is not None else None


@pytest.mark.parametrize("offered", ["微信官方客服", "Ａdm1n", "拾 光 咖 啡", "管理員"])
async def test_reserved_names_are_refused(ming: Mini, offered: str) -> None:
    await ming.put("/me/profile", {"nickname": "小明"})
    answer = await ming.put("/me/profile", {"nickname": offered})
    assert (answer.status, answer.code) == (422, "nickname_refused")
    assert await name(ming) == ("小明", True)


@pytest.mark.parametrize("offered", ["违禁的名字", "存疑的名字"])
async def test_names_that_wechat_refuses_are_refused(ming: Mini, offered: str) -> None:
    answer = await ming.put("/me/profile", {"nickname": offered})
    assert (answer.status, answer.code) == (422, "nickname_refused")
    assert await name(ming) == (None, False)


async def test_a_checked_name_stands_on_the_poster(ming: Mini) -> None:
    assert (await ming.put("/me/profile", {"nickname": "小明"})).status == 200
    assert await name(ming) == ("小明", True)
    assert await poster_name(ming) == "小明"


@pytest.mark.parametrize(
    ("kind", "value"),
    [("errcode", -1), ("errcode", 61010), ("http_502", None), ("latency", CHECK_TIMEOUT_S + 1)],
)
async def test_a_failure_of_wechats_blocks_nobody_and_the_poster_asks_again(
    ming: Mini, kind: str, value: object
) -> None:
    await ming.house.emulator.fault(CHECK, kind, value, times=20)
    assert (await ming.put("/me/profile", {"nickname": "小明"})).status == 200
    assert await name(ming) == ("小明", False)
    assert await poster_name(ming) is None
    await ming.house.emulator.control("DELETE", "/faults")
    assert await poster_name(ming) == "小明"
    assert await name(ming) == ("小明", True)


async def test_a_name_found_risky_later_is_removed(ming: Mini) -> None:
    await ming.house.emulator.fault(CHECK, "errcode", -1, times=20)
    assert (await ming.put("/me/profile", {"nickname": "违禁"})).status == 200
    await ming.house.emulator.control("DELETE", "/faults")
    assert await poster_name(ming) is None
    assert await name(ming) == (None, False)


async def test_names_of_before_are_checked_for_the_poster_by_our_words_too(ming: Mini) -> None:
    await ming.house.resources.pool.execute(
        "UPDATE member SET nickname = '微信官方客服', nickname_checked = false"
    )
    assert await poster_name(ming) is None
    assert await name(ming) == ("微信官方客服", False)


async def test_a_name_that_became_the_brand_leaves_the_poster(ming: Mini) -> None:
    await ming.put("/me/profile", {"nickname": "星河茶馆"})
    await ming.house.ledger.publish(rules_with(programme={"name": "星河积分", "brand": "星河茶馆"}))
    assert await poster_name(ming) is None
    assert (await ming.get("/me")).json["nickname"] == "星河茶馆"


async def test_where_the_check_is_not_granted_our_own_words_decide(ming: Mini) -> None:
    await ming.house.emulator.fault(CHECK, "errcode", 48001, times=20)
    assert (await ming.put("/me/profile", {"nickname": "小明"})).status == 200
    assert await name(ming) == ("小明", True)
    assert (await ming.put("/me/profile", {"nickname": "官方"})).status == 422
