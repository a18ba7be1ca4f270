"""订阅消息: the sheet in which WeChat asks for consent to one message per template."""

from emulator.phone.clients.http_call import Json, Refused
from emulator.phone.elements import icons
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.mini.screen import Mini


async def ask_consent(mini: Mini) -> None:
    """Ask for one message of each template the mini-program has registered (WeChat docs: wx.requestSubscribeMessage)."""
    templates = await mini.overlay.attempt(mini.phone.page_state.control.consents(mini.phone.owner.phone_id))
    if templates is None:
        return
    if not templates:
        mini.overlay.toast("暂时没有可以订阅的消息")
        return
    with mini.overlay.sheet(test_id="subscribe-sheet", name="订阅消息"):
        with box("consent-head"):
            drawing(icons.CUP, "consent-logo")
            text(f"{mini.phone.page_state.brand} 申请", "consent-brand")
        text("发送一次以下消息", "panel-title is-left")
        for template in templates:
            with box("consent-line"):
                drawing(icons.CHECK, "consent-check")
                text(str(template["title"]), "consent-title")
        with box("consent-buttons"):
            button("取消", "consent-no", lambda: _answer(mini, templates, False), "subscribe-reject")
            button("允许", "consent-yes", lambda: _answer(mini, templates, True), "subscribe-accept")


async def _answer(mini: Mini, templates: list[Json], accept: bool) -> None:
    mini.overlay.close()
    if await mini.overlay.attempt(_send_answers(mini, templates, accept)) is not None:
        mini.overlay.toast("已订阅，有消息会通知你" if accept else "已取消，不会打扰你")


async def _send_answers(mini: Mini, templates: list[Json], accept: bool) -> bool:
    """Send the answers to WeChat, then to the server; a template that the server does not use (`unknown_template`) is skipped."""
    phone = mini.phone
    for template in templates:
        named = str(template["template_id"])
        await phone.page_state.control.act(
            phone.owner.phone_id, "subscribe", {"template_id": named, "accept": accept}
        )
        try:
            await mini.api.post("/subscriptions", {"template": named, "accepted": accept})
        except Refused as refused:
            if refused.code != "unknown_template":
                raise
    return True
