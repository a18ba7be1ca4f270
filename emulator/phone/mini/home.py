"""The mini-program's first page: the member's card, shortcuts to other pages, and the sign-in card."""

from datetime import date
from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.formats import local
from emulator.phone.elements.tags import box, drawing, on_press, text
from emulator.phone.mini.checkin_card import checkin_card
from emulator.phone.mini.extension import extension_rows, read_extensions
from emulator.phone.mini.member_card import member_card
from emulator.phone.mini.repair import read_repairs, repair_rows
from emulator.phone.mini.screen import Mini, Page

_SHORTCUTS = (
    ("entries", "积分明细", icons.LIST),
    ("redemptions", "我的券", icons.TICKET),
    ("referral", "邀请好友", icons.FRIENDS),
    ("rules", "活动规则", icons.BOOK),
)


async def load(api: MemberApi, mini: Mini) -> tuple[date, Json, Json, Json | None, Json | None]:
    """Today in Shanghai, the member, the month's sign-ins, the days that can be mended, and the points that can be put off."""
    today = local(mini.phone.page_state.now).date()
    signed = await api.get("/check-ins", month=today.strftime("%Y-%m"))
    return today, await api.get("/me"), signed, await read_repairs(api), await read_extensions(api)


def build(mini: Mini, data: Any) -> None:
    """Draw the page."""
    today, me, signed, repairs, extensions = data
    member_card(mini, me)
    with box("card shortcuts"):
        for name, label, icon in _SHORTCUTS:
            _shortcut(mini, name, label, icon)
    extension_rows(mini, extensions)
    checkin_card(mini, today, me, signed)
    repair_rows(mini, repairs)


def _shortcut(mini: Mini, name: str, label: str, icon: str) -> None:
    with box("shortcut", f"go-{name}") as shortcut:
        drawing(icon, "shortcut-icon")
        text(label)
    on_press(shortcut, lambda: mini.open(name))


PAGE = Page("", load, build)
