"""The points that can be put off, below the member's card: one button a lapse day, and what it costs."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from emulator.phone.clients.http_call import Json, Refused
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements.formats import number
from emulator.phone.elements.tags import box, button, text
from emulator.phone.mini.screen import Mini


async def read_extensions(api: MemberApi) -> Json | None:
    """The answer of `GET /extensions`; None where the programme extends no points."""
    try:
        return await api.get("/extensions")
    except Refused as refused:
        if refused.status != 404:
            raise
    return None


def extension_rows(mini: Mini, offer: Json | None) -> None:
    """Draw a row for each lapse day that can be put off; nothing where there is none."""
    if not offer or not offer["days"]:
        return
    price = offer["price_points"]
    with box("card", "extensions"):
        cost = f"延期一笔用 {number(price)} 积分" if price else "延期不收积分"
        text(f"{cost} · 每笔只能延一次", "card-note", "extension-price")
        for day in offer["days"]:
            until = _last_day(day["expires_on"])
            with box("card-head"):
                text(
                    f"{number(day['points'])} 积分{until}到期 · 可延到{_last_day(day['extended_to'])}",
                    "card-note",
                )
                button("延期", "pill-button", _extender(mini, day, price), f"btn-extend-{day['expires_on']}")


def _last_day(gone_on: str) -> str:
    last = date.fromisoformat(gone_on) - timedelta(days=1)
    return f"{last.month}月{last.day}日"


def _extender(mini: Mini, day: Json, price: int) -> Callable[[], Awaitable[None]]:
    async def extend() -> None:
        body: Json = {"expires_on": day["expires_on"]} | ({"price_points": price} if price else {})
        try:
            facts = await mini.api.post_idempotent("/extensions", body)
        except Refused as refused:
            mini.overlay.toast(str(refused))
        else:
            mini.overlay.toast(f"{number(facts['points'])} 积分可以用到{_last_day(facts['extended_to'])}")
        await mini.refresh()

    return extend
