"""会员等级: all tiers with their benefits."""

from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.formats import number
from emulator.phone.elements.tags import box, drawing, text
from emulator.phone.mini.screen import Mini, Page


async def load(api: MemberApi, mini: Mini) -> tuple[Json, list[Json]]:
    """The member and the tiers."""
    return await api.get("/me"), await api.get_all("/tiers")


def build(mini: Mini, data: Any) -> None:
    """Draw the tiers; the member's own is highlighted."""
    me, tiers = data
    for tier in tiers:
        mine = tier["id"] == me["tier"]["id"]
        with box("card tier" + (" is-mine" if mine else ""), "tier-card"):
            drawing(icons.STAR, "tier-icon")
            with box("item-main"):
                text(str(tier["name"]) + ("（当前）" if mine else ""), "item-title")
                text(f"成长值满 {number(tier['growth'])}" if tier["growth"] else "加入即是", "item-note")
                text("、".join(tier["benefits"]) or "暂无专属权益", "item-note")


PAGE = Page("会员等级", load, build)
