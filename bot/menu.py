"""The account's custom menu: three buttons; their keys equal the words of the chat."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from base.settings import Settings
from wechat.official_account import OfficialAccountApi

Button: TypeAlias = dict[str, object]

PLAY: Final = ("抽奖", "兑换", "任务", "邀请")
MINE: Final = ("积分", "我的兑换", "等级", "规则", "帮助")
HOME_PAGE: Final = "pages/index/index"


def buttons(settings: Settings) -> list[Button]:
    """The menu, with a button into the mini-program where one is configured, and a web page for clients too old for it.

    Names are at most 16 bytes at the top and 60 below (WeChat docs: 自定义菜单).
    """
    return [
        _click("每日签到", "签到"),
        {"name": "玩转积分", "sub_button": [*_words(PLAY), *_mini_program(settings)]},
        {"name": "我的", "sub_button": list(_words(MINE))},
    ]


async def create(official_account: OfficialAccountApi, settings: Settings) -> None:
    """Replace the account's menu; members see it within five minutes. Raises ApiError."""
    await official_account.create_menu(buttons(settings))


def _words(words: Iterable[str]) -> Iterable[Button]:
    return (_click(word, word) for word in words)


def _click(name: str, key: str) -> Button:
    return {"type": "click", "name": name, "key": key}


def _mini_program(settings: Settings) -> list[Button]:
    if settings.miniapp_app_id is None or settings.public_base_url is None:
        return []
    return [
        {
            "type": "miniprogram",
            "name": "积分小程序",
            "appid": settings.miniapp_app_id,
            "pagepath": HOME_PAGE,
            "url": settings.public_base_url,
        }
    ]
