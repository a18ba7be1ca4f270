"""我的: the member's card, and a line for each page and setting of the member."""

from functools import partial
from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.tags import Action, box, drawing, on_press, text
from emulator.phone.mini.code import show_code
from emulator.phone.mini.member_card import edit_nickname, member_card
from emulator.phone.mini.phone_number import ask_phone_number
from emulator.phone.mini.screen import Mini, Page
from emulator.phone.mini.subscribe import ask_consent

_LINES = (
    ("entries", "积分明细", icons.LIST),
    ("redemptions", "我的券", icons.TICKET),
    ("wheel_record", "中奖记录", icons.TROPHY),
    ("referral", "邀请好友", icons.FRIENDS),
    ("missions", "任务和投票", icons.STAR),
    ("packs", "加速包", icons.ROCKET),
    ("tiers", "会员等级", icons.STAR),
    ("rules", "活动规则", icons.BOOK),
)


async def load(api: MemberApi, mini: Mini) -> Json:
    """The member."""
    return await api.get("/me")


def build(mini: Mini, data: Any) -> None:
    """Draw the page."""
    member_card(mini, data)
    with box("card lines"):
        _line("会员码", icons.SCAN, lambda: show_code(mini), "btn-member-code")
        for name, label, icon in _LINES:
            _line(label, icon, partial(mini.open, name), f"go-{name}")
    with box("card lines"):
        _line("绑定手机号", icons.HANDSET, lambda: ask_phone_number(mini), "btn-phone-number")
        _line("订阅消息", icons.BELL, lambda: ask_consent(mini), "btn-subscribe")
        _line(
            "修改昵称",
            icons.PEN,
            lambda: edit_nickname(mini, str(data["nickname"] or "")),
            "btn-nickname-line",
        )


def _line(label: str, icon: str, action: Action, test_id: str) -> None:
    with box("line", test_id) as line:
        drawing(icon, "line-icon")
        text(label, "line-label")
        text("›", "line-arrow")
    on_press(line, action)


PAGE = Page("我的", load, build)
