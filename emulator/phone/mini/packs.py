"""加速包: the packs that can be taken, each with its rule, and those that work now."""

from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.formats import last_day_text, number
from emulator.phone.elements.tags import Action, box, button, drawing, text
from emulator.phone.mini.screen import Mini, Page, empty


async def load(api: MemberApi, mini: Mini) -> list[Json]:
    """The packs."""
    return await api.get_all("/packs")


def build(mini: Mini, data: Any) -> None:
    """Draw a card per pack."""
    for pack in data:
        _pack(mini, pack)
    if not data:
        empty("现在没有加速包")


def _pack(mini: Mini, pack: Json) -> None:
    with box("card tier" + (" is-mine" if pack["working"] else ""), "pack-card"):
        drawing(icons.STAR, "tier-icon")
        with box("item-main"):
            text(str(pack["name"]), "item-title")
            text(str(pack["rule"]).removeprefix(f"{pack['name']}："), "item-note")
            for hand in pack["working"]:
                left = f"正在加速：可用至 {last_day_text(hand['until'])}，最多还能多得 {number(hand['points_left'])} 积分"
                text(left, "item-note", "pack-working")
        if pack["left"] and not pack["working"]:
            button("领取", "pill-button is-small", _asker(mini, pack), f"btn-pack-{pack['id']}")
        elif not pack["working"]:
            text("今年已领完", "reward-reason")


def _asker(mini: Mini, pack: Json) -> Action:
    price = f"用 {number(pack['price_points'])} 积分" if pack["price_points"] else "免费"

    async def take() -> None:
        body = {"pack_id": pack["id"], "price_points": pack["price_points"]}
        taken = await mini.overlay.attempt(mini.api.post_idempotent("/packs", body))
        if taken is not None:
            mini.overlay.toast(f"已领取，可用至 {last_day_text(taken['until'])}")
        await mini.refresh()

    return lambda: mini.overlay.ask(
        "领取加速包", f"{price}领取「{pack['name']}」？领了马上开始算天数。", "领取", take, "pack-confirm"
    )


PAGE = Page("加速包", load, build)
