"""One phone on the page: whose it is, its frame and status bar, and WeChat's two faces in it."""

from collections.abc import Callable
from typing import Literal

from nicegui.element import Element

from emulator.phone.chat.screen import Chat
from emulator.phone.clients.control import Owner
from emulator.phone.clients.inbox import Item
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.formats import initial, local
from emulator.phone.elements.overlay import Overlay
from emulator.phone.elements.tags import Tag, box, drawing, on_press, press, text
from emulator.phone.mini.pages import PAGES, name_of
from emulator.phone.mini.screen import Mini
from emulator.phone.page_state import Desk
from emulator.phone.phone_protocol import Invitation, Tab
from emulator.phone.picker import open_picker

Side = Literal["left", "right"]


class Handset:
    """A phone on the `side` of the page. `other` is the phone it can scan; the page sets it."""

    other: "Handset"

    def __init__(self, desk: Desk, side: Side, owner: Owner, handed_over: Callable[[], None]) -> None:
        self.desk = desk
        self._handed_over = handed_over
        self.side = side
        self.owner = owner
        self.items: list[Item] = []
        self._unread = 0
        self.tab: Tab = "chat"
        with box(f"phone phone-{side}", f"phone-{side}"):
            self._bar()
            with box("frame"):
                self._screen = box("screen")
        self._fill()

    @property
    def invitation(self) -> Invitation | None:
        """The invitation on the screen of the mini-program; None while another page is open."""
        return self.mini.invitation

    async def give_to(self, owner: Owner) -> None:
        """Another owner takes this phone into the hand."""
        self.owner = owner
        self.items = []
        self._name.set_text(owner.name)
        self._initial.set_text(initial(owner.name))
        self._fill()
        self._badge(0)
        await self.refresh()
        await self.show_tab(self.tab)
        self._handed_over()

    async def show_tab(self, tab: Tab) -> None:
        """Bring the chat or the mini-program to the front."""
        self.tab = tab
        for name, (button, face) in self._tabs.items():
            button.classes(**_switch("is-active", name == tab))
            face.classes(**_switch("is-hidden", name != tab))
        self.overlay.close()
        if tab == "chat":
            self._badge(0)
        else:
            await self.mini.refresh()

    async def open_page(self, path: str) -> None:
        """Open the mini-program at a page of its released version; an unknown or empty path opens its first page."""
        self.mini.place(name_of(path))
        await self.show_tab("mini")

    async def enter_invited(self, code: str) -> None:
        """Open the mini-program as somebody invited by `code` does."""
        await self.show_tab("mini")
        await self.mini.bind(code)

    async def refresh(self) -> None:
        """Look at the inbox and draw what came; the reader hears why if that fails."""
        await self.overlay.attempt(self.look())

    async def look(self) -> None:
        """Fetch what came into the inbox, draw it, and let an open mini-program look again. Raises Trouble."""
        owner = self.owner
        last = self.items[-1].id if self.items else 0
        came = await self.desk.hand.inbox(owner.phone_id, last)
        self.desk.owners = await self.desk.hand.owners()
        if owner.phone_id != self.owner.phone_id or last != (self.items[-1].id if self.items else 0):
            return
        self.owner = next((o for o in self.desk.owners if o.phone_id == owner.phone_id), owner)
        self.items = self.items + came
        self._clock.set_text(local(self.desk.now).strftime("%H:%M"))
        self.chat.update(self.items, self.desk.menu, self.desk.now)
        if last and self.tab == "mini" and any(not item.mine for item in came):
            self._badge(self._unread + len(came))
            await self.mini.refresh()

    def _bar(self) -> None:
        with box("phone-bar"):
            with box("owner") as owner:
                self._initial = text(initial(self.owner.name), "avatar avatar-owner")
                self._name = text(self.owner.name, "owner-name")
                text("▾", "owner-more")
            on_press(owner.props(f'data-testid="owner-{self.side}"'), lambda: open_picker(self))
            with box("tabs"):
                chat = press("公众号", "tab", lambda: self.show_tab("chat"), "tab-chat")
                mini = press("小程序", "tab", lambda: self.show_tab("mini"), "tab-mini")
        self._tab_buttons: dict[Tab, Tag] = {"chat": chat, "mini": mini}

    def _fill(self) -> None:
        self._screen.clear()
        with self._screen:
            self._status_bar()
            chat_face = box("face")
            mini_face = box("face")
            text("", "home-line")
            self.overlay = Overlay()
        self.api = MemberApi(self.desk.client, self.desk.api_url, self.desk.hand, self.owner.phone_id)
        with chat_face:
            self.chat = Chat(self)
        with mini_face:
            self.mini = Mini(self, PAGES)
        faces: dict[Tab, Element] = {"chat": chat_face, "mini": mini_face}
        self._tabs = {name: (button, faces[name]) for name, button in self._tab_buttons.items()}
        self._tabs["mini"][1].classes(**_switch("is-hidden", self.tab != "mini"))
        self._tabs["chat"][1].classes(**_switch("is-hidden", self.tab != "chat"))
        self._tab_buttons[self.tab].classes("is-active")

    def _status_bar(self) -> None:
        with box("status-bar"):
            self._clock = text(
                local(self.desk.now).strftime("%H:%M"), "status-time", f"status-time-{self.side}"
            )
            text("", "island")
            with box("status-icons"):
                drawing(icons.SIGNAL, "status-signal")
                text("5G")
                drawing(icons.BATTERY, "status-battery")

    def _badge(self, unread: int) -> None:
        self._unread = unread
        button = self._tab_buttons["chat"]
        button.props["data-unread"] = str(min(unread, 99)) if unread else ""
        button.classes(**_switch("has-unread", unread > 0))
        button.update()


def _switch(name: str, on: bool) -> dict[str, str]:
    return {"add": name} if on else {"remove": name}
