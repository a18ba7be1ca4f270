"""Reading the inbox items of the control API."""

import pytest

from emulator.phone.clients.inbox import Item, Piece, pieces
from tests.emulator.harness import Emulator

RAW = {
    "id": 7,
    "at": "2026-03-02T10:00:00.000+08:00",
    "channel": "template",
    "type": "template",
    "title": "积分到期提醒",
    "content": "积分到期提醒\n到期积分：120\n到期日期：2026年11月30日\n早点用掉吧",
    "text": "积分到期提醒\n到期积分：120\n到期日期：2026年11月30日\n早点用掉吧",
    "miniprogram": {"appid": "wx1", "pagepath": "pages/rewards/index"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("签到", [Piece("签到")]),
        (
            '看<a href="https://a.cn/x">这里</a>。',
            [Piece("看"), Piece("这里", "https://a.cn/x"), Piece("。")],
        ),
        ("<b>不是标记</b>", [Piece("<b>不是标记</b>")]),
        ("", []),
    ],
)
def test_links_are_the_only_markup(text: str, expected: list[Piece]) -> None:
    assert pieces(text) == expected


def test_a_notice_has_rows_without_its_title_and_a_page() -> None:
    item = Item.parse(RAW)
    assert item.rows == [("到期积分", "120"), ("到期日期", "2026年11月30日"), ("", "早点用掉吧")]
    assert item.page == "pages/rewards/index"
    assert not item.mine


@pytest.mark.parametrize(
    ("picture", "ticket"),
    [
        ("http://127.0.0.1/cgi-bin/showqrcode?ticket=gQ%3D%3D", "gQ=="),
        ("http://127.0.0.1/poster.png", ""),
        ("", ""),
    ],
)
def test_only_the_accounts_code_has_a_ticket(picture: str, ticket: str) -> None:
    assert Item.parse({**RAW, "pic_url": picture}).ticket == ticket


async def test_what_a_phone_said_is_its_own(emulator: Emulator) -> None:
    phone = await emulator.phone()
    await phone.follow()
    await phone.say("签到")
    said = [Item.parse(raw) for raw in await phone.inbox("sent")]
    assert [(item.text, item.mine) for item in said] == [("签到", True)]
