"""The days that can be mended, below the sign-in card: one button a day, and what it costs."""

from collections.abc import Awaitable, Callable
from datetime import date

from emulator.phone.clients.http_call import Json, Refused
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements.formats import number
from emulator.phone.elements.tags import box, button, text
from emulator.phone.mini.screen import Mini


async def read_repairs(api: MemberApi) -> Json | None:
    """The answer of `GET /check-ins/repairs`; None where the programme has no repair cards."""
    try:
        return await api.get("/check-ins/repairs")
    except Refused as refused:
        if refused.status != 404:
            raise
    return None


def repair_rows(mini: Mini, offer: Json | None) -> None:
    """Draw a row for each day that can be mended; nothing where there is none."""
    if not offer or not offer["days"]:
        return
    price = offer["price_points"]
    with box("card", "repairs"):
        text(_price(offer), "card-note", "repair-price")
        for day in offer["days"]:
            when = date.fromisoformat(day["day"])
            with box("card-head"):
                text(f"{when.month}月{when.day}日漏签 · 补签得 {number(day['points'])} 积分", "card-note")
                if price is not None:
                    button(
                        "补签", "pill-button", _mender(mini, day["day"], price), f"btn-repair-{day['day']}"
                    )


def _price(offer: Json) -> str:
    left = f"本月还能补 {offer['repairs_left']} 次"
    if offer["cards"]:
        return f"补签卡 {offer['cards']} 张 · {left}"
    if offer["price_points"] is None:
        return f"还没有补签卡 · {left}"
    return f"补签一天用 {number(offer['price_points'])} 积分 · {left}"


def _mender(mini: Mini, day: str, price: int) -> Callable[[], Awaitable[None]]:
    async def mend() -> None:
        body: Json = {"day": day} | ({"price_points": price} if price else {})
        try:
            facts = await mini.api.post_idempotent("/check-ins/repairs", body)
        except Refused as refused:
            mini.overlay.toast(str(refused))
        else:
            mini.overlay.toast(f"补签成功，+{facts['points']} 积分 · 连续第 {facts['streak']} 天")
        await mini.refresh()

    return mend
