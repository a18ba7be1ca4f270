"""The mini-program on one phone: the frame with its web page, which is loaded when the owner opens it for the first time."""

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from emulator.phone.clients.http_call import CallFailed, Json, call
from emulator.phone.elements import icons
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.miniapp.hand import Hand
from emulator.phone.phone_protocol import Invitation, Phone


class MiniApp:
    """The frame. It loads nothing before the first `show`, because the page logs its owner in at once."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._hand = Hand(phone, self._paint)
        self._spoke = False
        self._loads = 0
        with box("miniapp") as self._edges:
            self._frame = ui.element("mini-program")
            drawing(icons.CAPSULE, "capsule")
            self._sorry = self._draw_sorry()
        self._frame.props["data-src"] = f"{phone.page_state.app_url}?phone={phone.owner.phone_id}"
        self._frame.on("ask", self._asked, ["detail"])

    @property
    def invitation(self) -> Invitation | None:
        """The invitation on the screen; None while another page is open."""
        return self._hand.invitation

    async def show(self) -> None:
        """The owner opens the mini-program: load its page, unless it has spoken, which shows that it is loaded."""
        if self._spoke:
            self.refresh()
            return
        try:
            await call(self._phone.page_state.client, "GET", self._phone.page_state.app_url)
        except CallFailed as failure:
            self._why.set_text(str(failure))
            self._sorry.classes(remove="is-hidden")
            return
        self._sorry.classes("is-hidden")
        self._loads += 1
        self._frame.props["data-begun"] = str(self._loads)
        self._frame.update()

    def refresh(self) -> None:
        """Tell a loaded page that something may have changed, and what time it is."""
        if self._spoke:
            self._tell({"what": "changed", "now": self._phone.page_state.now.isoformat()})

    def open_path(self, path: str) -> None:
        """Open a page of the mini-program: at once, or when its page is loaded. An empty path changes nothing."""
        if not path:
            return
        self._hand.path = f"/{path.removeprefix('/')}"
        if self._spoke:
            self._tell({"what": "open", "path": self._hand.take_path()})

    async def _asked(self, event: GenericEventArguments) -> None:
        self._spoke = True
        asked: Json = event.args["detail"]
        reply = await self._hand.answer(str(asked["what"]), asked.get("args") or {})
        self._frame.run_method("send", {"jifen": "answer", "id": asked["id"], **reply})

    def _paint(self, head: str, foot: str) -> None:
        """Give the phone's screen above and below the frame the colours of the page."""
        self._edges.style(f"--head: {head}; --foot: {foot}")

    def _tell(self, news: Json) -> None:
        self._frame.run_method("send", {"jifen": "tell", **news})

    def _draw_sorry(self) -> Element:
        with box("miniapp-sorry is-hidden", "miniapp-sorry") as sorry:
            self._why = text("")
            button("重试", "consent-yes", self.show, "miniapp-retry")
        return sorry
