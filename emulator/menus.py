"""The custom menu and its limits (WeChat docs: 自定义菜单创建接口)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.config import Account
from emulator.errors import PlatformError
from emulator.world import World

_KEYED = {
    "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
    "location_select",
}  # fmt: skip
_FIELDS: dict[str, tuple[str, ...]] = dict.fromkeys(_KEYED, ("key",))
_FIELDS |= {"view": ("url",), "miniprogram": ("url", "appid", "pagepath")}
_KEY_BYTES = 128
_URL_BYTES = 1024


@dataclass(frozen=True)
class _Level:
    """The limits of one level of the menu, and the errcode for each."""

    most: int
    name_bytes: int
    count_error: int
    type_error: int
    name_error: int
    key_error: int
    url_error: int


_TOP = _Level(3, 16, 40016, 40017, 40018, 40019, 40020)
_SUB = _Level(5, 60, 40023, 40024, 40025, 40026, 40027)


def create_menu(world: World, account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """Replace the menu. Raises PlatformError 40016-40027, by what is wrong with a button, and 40013 for another's mini-program."""
    buttons = body.get("button")
    _check_row(world, buttons, _TOP)
    world.database.run(
        "INSERT INTO menus VALUES (?, ?) ON CONFLICT (app_id) DO UPDATE SET button = excluded.button",
        account.app_id,
        json.dumps(buttons, ensure_ascii=False),
    )
    return {"errcode": 0, "errmsg": "ok"}


def get_menu(world: World, account: Account) -> dict[str, object]:
    """Answer of menu/get, which carries no errcode. Raises PlatformError 46003 when there is no menu."""
    buttons = menu_buttons(world, account)
    if not buttons:
        raise PlatformError(46003)
    return {
        "menu": {"button": [{**button, "sub_button": button.get("sub_button", [])} for button in buttons]}
    }


def delete_menu(world: World, account: Account) -> dict[str, object]:
    """Delete the menu; succeeds without a menu too."""
    world.database.run("DELETE FROM menus WHERE app_id = ?", account.app_id)
    return {"errcode": 0, "errmsg": "ok"}


def menu_buttons(world: World, account: Account) -> list[dict[str, object]]:
    """The top buttons as they were created; empty without a menu."""
    row = world.database.one("SELECT button FROM menus WHERE app_id = ?", account.app_id)
    buttons: list[dict[str, object]] = json.loads(row["button"]) if row else []
    return buttons


def _check_row(world: World, buttons: object, level: _Level) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= level.most:
        raise PlatformError(level.count_error)
    for button in buttons:
        if not isinstance(button, Mapping):
            raise PlatformError(level.type_error)
        _check_bytes(button.get("name"), level.name_bytes, level.name_error)
        if not button.get("sub_button"):
            _check_action(world, button, level)
        elif level is _SUB:
            raise PlatformError(40022)
        else:
            _check_row(world, button["sub_button"], _SUB)


def _check_action(world: World, button: Mapping[str, object], level: _Level) -> None:
    fields = _FIELDS.get(str(button.get("type")))
    if fields is None:  # media_id and article_id too: the emulator has no upload and no publishing
        raise PlatformError(level.type_error)
    for field in fields:
        is_url = field == "url"
        _check_bytes(
            button.get(field),
            _URL_BYTES if is_url else _KEY_BYTES,
            level.url_error if is_url else level.key_error,
        )
    if "appid" in fields and button["appid"] != world.config.miniapp_app_id:
        raise PlatformError(40013, "the mini-program is not linked to the account")


def _check_bytes(text: object, most: int, errcode: int) -> None:
    if not isinstance(text, str) or not 1 <= len(text.encode()) <= most:
        raise PlatformError(errcode)
