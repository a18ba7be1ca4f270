"""会员码: the code that the member shows at the till, as a QR code and as text; a new one replaces it while the dialog is open."""

import asyncio

from nicegui import ui
from nicegui.element import Element

from emulator.phone.clients.http_call import CallFailed
from emulator.phone.elements.qr_svg import qr_svg
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.mini.screen import Mini

ASK_S = 5
"""Seconds between two questions for the code, which changes every 30 s and is accepted for 30 s longer."""


async def show_code(mini: Mini) -> None:
    """Show the code of now in a dialog until it is closed."""
    shown = await mini.overlay.attempt(_read(mini))
    if shown is None:
        return
    with mini.overlay.dialog("会员码", "member-code-dialog"):
        place = box("member-code")
        await _draw(place, shown)
        text("付款前给店员扫一扫，消费的积分就记到你名下。每 30 秒换一次，截图无效。", "dialog-text")
        button("关闭", "dialog-only", mini.overlay.close, "member-code-close")

        async def renew() -> None:
            nonlocal shown
            try:
                code = await _read(mini)
            except CallFailed:
                return  # the next question follows in five seconds
            if code != shown and not place.is_deleted:
                shown = code
                await _draw(place, code)

        ui.timer(ASK_S, renew, immediate=False)


async def _read(mini: Mini) -> str:
    return str((await mini.api.get("/me/code"))["code"])


async def _draw(place: Element, code: str) -> None:
    svg = await asyncio.to_thread(qr_svg, code)
    place.clear()
    with place:
        drawing(svg, "voucher-qr")
        text(" ".join(code[at : at + 4] for at in range(0, len(code), 4)), "voucher-code", "member-code")
