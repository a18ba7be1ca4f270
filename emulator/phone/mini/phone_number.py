"""绑定手机号: the sheet in which WeChat asks whether the mini-program may have the phone's number."""

from emulator.phone.elements import icons
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.mini.screen import Mini


async def ask_phone_number(mini: Mini) -> None:
    """Ask as the button `getPhoneNumber` does, and have the server bind the number that its code stands for."""
    phone = mini.phone
    number = await mini.overlay.attempt(phone.page_state.control.phone_number(phone.owner.phone_id))
    if number is None:
        return
    with mini.overlay.sheet(test_id="phone-number-sheet", name="绑定手机号"):
        with box("consent-head"):
            drawing(icons.CUP, "consent-logo")
            text(f"{phone.page_state.brand} 申请", "consent-brand")
        text("获取你的手机号", "panel-title is-left")
        with box("consent-line"):
            drawing(icons.CHECK, "consent-check")
            text(number, "consent-title")
        with box("consent-buttons"):
            button("不允许", "consent-no", mini.overlay.close, "phone-number-reject")
            button("允许", "consent-yes", lambda: _bind(mini), "phone-number-accept")


async def _bind(mini: Mini) -> None:
    mini.overlay.close()
    if await mini.overlay.attempt(_send(mini)) is not None:
        mini.overlay.toast("手机号已绑定，到店报手机号也能积分")
    await mini.refresh()


async def _send(mini: Mini) -> object:
    code = await mini.phone.page_state.control.phone_number_code(mini.phone.owner.phone_id)
    return await mini.api.put("/me/profile", {"phone_code": code})
