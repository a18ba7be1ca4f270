from typing import Any

import pytest

from base.settings import Settings
from bot.menu import buttons, create
from tests.house import House


def names(row: list[dict[str, object]]) -> list[object]:
    return [button["name"] for button in row]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["抽奖", "兑换", "任务", "邀请"]),
        ({"miniapp_app_id": "wx1"}, ["抽奖", "兑换", "任务", "邀请"]),
        (
            {"miniapp_app_id": "wx1", "public_base_url": "https://a.example"},
            ["抽奖", "兑换", "任务", "邀请", "积分小程序"],
        ),
    ],
)
def test_the_mini_program_has_its_button_where_there_is_one(
    given: dict[str, Any], expected: list[str]
) -> None:
    menu = buttons(Settings(**given))
    assert names(menu) == ["每日签到", "玩转积分", "我的"]
    play: Any = menu[1]["sub_button"]
    assert names(play) == expected


async def test_the_platform_takes_the_menu(house: House) -> None:
    settings = house.resources.settings.model_copy(update={"public_base_url": "https://jifen.example"})
    await create(house.resources.official_account, settings)
    menu = (await house.emulator.call("/cgi-bin/menu/get"))["menu"]["button"]
    assert [button["name"] for button in menu] == ["每日签到", "玩转积分", "我的"]
    assert menu[1]["sub_button"][-1]["pagepath"] == "pages/index/index"
