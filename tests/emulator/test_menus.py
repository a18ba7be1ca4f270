"""The custom menu: its limits, its life, and what escaped Chinese does to it."""

import json
from typing import Any

from tests.emulator.harness import MINIAPP_APP_ID, Emulator

CREATE = "/cgi-bin/menu/create"


def click(name: str = "签到", key: str = "签到") -> dict[str, Any]:
    return {"type": "click", "name": name, "key": key}


def group(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"name": "更多", "sub_button": list(buttons)}


JUMP = {
    "type": "miniprogram",
    "name": "商城",
    "url": "https://m",
    "appid": MINIAPP_APP_ID,
    "pagepath": "pages/index/index",
}
TABLE: list[tuple[str, Any, int]] = [
    ("no buttons", [], 40016),
    ("four buttons", [click()] * 4, 40016),
    ("no list", None, 40016),
    ("a name of 17 bytes", [click("x" * 17)], 40018),
    ("a name of six characters", [click("签到领积分吧")], 40018),
    ("no name", [{"type": "click", "key": "a"}], 40018),
    ("an unknown type", [{"type": "dance", "name": "a", "key": "a"}], 40017),
    ("a media id never uploaded", [{"type": "media_id", "name": "a", "media_id": "m"}], 40017),
    ("no key", [{"type": "click", "name": "a"}], 40019),
    ("a key of 129 bytes", [click(key="k" * 129)], 40019),
    ("a url of 1025 bytes", [{"type": "view", "name": "a", "url": "u" * 1025}], 40020),
    ("no url", [{"type": "view", "name": "a"}], 40020),
    ("a mini-program without page", [{**JUMP, "pagepath": ""}], 40019),
    ("another mini-program", [{**JUMP, "appid": "wx-other"}], 40013),
    ("six sub-buttons", [group(*[click()] * 6)], 40023),
    ("a sub-menu in a sub-menu", [group(group(click()))], 40022),
    ("a sub-name of 61 bytes", [group(click("x" * 61))], 40025),
    ("an unknown sub-type", [group({"type": "dance", "name": "a"})], 40024),
    ("a sub-key of 129 bytes", [group(click(key="k" * 129))], 40026),
    ("a sub-url of 1025 bytes", [group({"type": "view", "name": "a", "url": "u" * 1025})], 40027),
    ("the largest", [click("x" * 16, "k" * 128), group(*[click("x" * 60)] * 5), JUMP], 0),
]  # fmt: skip


async def test_limits(emulator: Emulator) -> None:
    for name, buttons, expected in TABLE:
        assert (await emulator.call(CREATE, {"button": buttons}))["errcode"] == expected, name


async def test_a_menus_life(emulator: Emulator) -> None:
    assert (await emulator.call("/cgi-bin/menu/get"))["errcode"] == 46003
    assert await emulator.control("GET", "/menu") == {"button": []}
    buttons = [click(), group(click("积分", "积分"))]
    token = await emulator.token()
    raw = json.dumps({"button": buttons}, ensure_ascii=False).encode()
    made = await emulator.client.post(CREATE, params={"access_token": token}, content=raw)
    assert made.json() == {"errcode": 0, "errmsg": "ok"}
    assert (await emulator.call("/cgi-bin/menu/get")) == {
        "menu": {"button": [{**buttons[0], "sub_button": []}, buttons[1]]}
    }
    assert await emulator.control("GET", "/menu") == {"button": buttons}
    assert (await emulator.call("/cgi-bin/menu/delete"))["errcode"] == 0
    assert await emulator.control("GET", "/menu") == {"button": []}


async def test_escaped_chinese_counts_and_reads_as_it_was_written(emulator: Emulator) -> None:
    params = {"access_token": await emulator.token()}
    escaped = json.dumps({"button": [click("签到领", "a")]}).encode()
    assert b"\\u" in escaped
    assert (await emulator.client.post(CREATE, params=params, content=escaped)).json()["errcode"] == 40018
    short = json.dumps({"button": [click("签", "a")]}).encode()
    assert (await emulator.client.post(CREATE, params=params, content=short)).json()["errcode"] == 0
    assert (await emulator.control("GET", "/menu"))["button"][0]["name"] == "\\u7b7e"
