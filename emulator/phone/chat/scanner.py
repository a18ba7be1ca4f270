"""扫一扫 in WeChat: what a QR code on the other phone's screen opens."""

from functools import partial

from emulator.phone.phone_protocol import Phone
from emulator.phone.shown_codes import Code
from emulator.phone.shown_codes import open_scanner as show_scanner


def open_scanner(phone: Phone) -> None:
    """Let the owner choose one of the codes that the other phone shows, and open what it stands for."""
    show_scanner(phone, partial(_read, phone))


async def _read(phone: Phone, code: Code) -> None:
    phone.overlay.close()
    if code.kind == "miniapp":
        await phone.open_page(code.content)
        return
    body = {"ticket" if code.is_ticket else "scene": code.content}
    await phone.show_tab("chat")
    await phone.overlay.attempt(phone.page_state.control.act(phone.owner.phone_id, "scan", body))
    await phone.refresh()
