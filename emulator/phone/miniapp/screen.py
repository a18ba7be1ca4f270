"""The mini-program on one phone: the frame with its web page, which is loaded when the owner opens it for the first time."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from emulator.phone.clients.http_call import Json
from emulator.phone.elements import icons
from emulator.phone.elements.tags import box, drawing
from emulator.phone.miniapp.hand import Hand
from emulator.phone.phone_protocol import Invitation, Phone


class MiniApp:
    """The frame. It loads nothing before the first `refresh`, because the page logs its owner in at once."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._hand = Hand(phone)
        self._spoke = False
        self._loads = 0
        with box("miniapp"):
            self._frame = ui.element("mini-program")
            drawing(icons.CAPSULE, "capsule miniapp-capsule")
        self._frame.props["data-src"] = f"{phone.page_state.api_url}/app/?phone={phone.owner.phone_id}"
        self._frame.on("ask", self._asked, ["detail"])

    @property
    def invitation(self) -> Invitation | None:
        """The invitation on the screen; None while another page is open."""
        return self._hand.invitation

    async def refresh(self) -> None:
        """Tell the page that something may have changed, and what time it is; load it if it never spoke."""
        if not self._spoke:
            self._loads += 1
            self._frame.props["data-begun"] = str(self._loads)
            self._frame.update()
            return
        self._tell({"what": "changed", "now": self._phone.page_state.now.isoformat()})

    async def open_path(self, path: str) -> None:
        """Open a page of the mini-program."""
        self._hand.path = f"/{path.removeprefix('/')}" if path else ""
        if self._spoke and self._hand.path:
            self._tell({"what": "open", "path": self._hand.path})

    async def bind_inviter(self, code: str) -> None:
        """Tell the server who invited this member."""
        phone = self._phone
        if await phone.overlay.attempt(phone.api.post("/referral/bind", {"code": code})) is not None:
            phone.overlay.toast("已记下是好友邀请你来的")
        await self.refresh()

    async def _asked(self, event: GenericEventArguments) -> None:
        self._spoke = True
        asked: Json = event.args["detail"]
        reply = await self._hand.answer(str(asked["what"]), asked.get("args") or {})
        self._frame.run_method("send", {"jifen": "answer", "id": asked["id"], **reply})

    def _tell(self, news: Json) -> None:
        self._frame.run_method("send", {"jifen": "tell", **news})
