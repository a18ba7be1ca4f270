"""One phone on the page: its owner, frame and status bar, and in it the chat and the mini-program."""

from collections.abc import Callable
from typing import Literal

from nicegui.element import Element

from emulator.phone.chat.screen import Chat
from emulator.phone.clients.control import Owner
from emulator.phone.clients.inbox import Item
from emulator.phone.elements import icons
from emulator.phone.elements.formats import initial, local
from emulator.phone.elements.overlay import Overlay
from emulator.phone.elements.tags import Tag, box, button, drawing, on_press, text
from emulator.phone.miniapp.screen import MiniApp
from emulator.phone.page_state import PageState
from emulator.phone.phone_protocol import Invitation, Tab
from emulator.phone.picker import open_picker

Side = Literal["left", "right"]


class Handset:
    """The phone on one `side` of the page. `other` is the phone it can scan; the page sets it after creating both."""

    other: "Handset"

    def __init__(self, state: PageState, side: Side, owner: Owner, owner_changed: Callable[[], None]) -> None:
        self.page_state = state
        self._owner_changed = owner_changed
        self.side = side
        self.owner = owner
        self.items: list[Item] = []
        self._unread = 0
        self.tab: Tab = "chat"
        with box(f"phone phone-{side}", f"phone-{side}"):
            self._draw_bar()
            with box("frame"):
                self._screen = box("screen")
        self._draw_screen()

    @property
    def invitation(self) -> Invitation | None:
        """The invitation on the screen of the mini-program; None while another page is open."""
        return self.mini.invitation

    async def change_owner(self, owner: Owner) -> None:
        """Give the phone to `owner` and draw it anew."""
        self.owner = owner
        self.items = []
        self._name.set_text(owner.name)
        self._initial.set_text(initial(owner.name))
        self._draw_screen()
        self._show_unread(0)
        await self.refresh()
        await self.show_tab(self.tab)
        self._owner_changed()

    async def show_tab(self, tab: Tab) -> None:
        """Bring the chat or the mini-program to the front."""
        self.tab = tab
        for name, (tab_button, face) in self._tabs.items():
            _press_tab(tab_button, name == tab)
            face.classes(**_class_switch("is-hidden", name != tab))
        self.overlay.close()
        if tab == "chat":
            self._show_unread(0)
        else:
            await self.mini.show()

    async def open_page(self, path: str) -> None:
        """Open the mini-program at a page; an unknown path opens its first page, an empty one leaves it where it is."""
        self.mini.open_path(path)
        await self.show_tab("mini")

    async def refresh(self) -> None:
        """Fetch new inbox items and draw them; a failure is shown as a toast."""
        await self.overlay.attempt(self.poll())

    async def poll(self) -> None:
        """Fetch new inbox items, draw them, and refresh an open mini-program. Raises CallFailed."""
        owner = self.owner
        last = self.items[-1].id if self.items else 0
        came = await self.page_state.control.inbox(owner.phone_id, last)
        self.page_state.owners = await self.page_state.control.owners()
        if owner.phone_id != self.owner.phone_id or last != (self.items[-1].id if self.items else 0):
            return
        self.owner = next((o for o in self.page_state.owners if o.phone_id == owner.phone_id), owner)
        self.items = self.items + came
        self._clock.set_text(local(self.page_state.now).strftime("%H:%M"))
        self.chat.update(self.items, self.page_state.menu, self.page_state.now)
        if last and self.tab == "mini" and any(not item.mine for item in came):
            self._show_unread(self._unread + len(came))
            self.mini.refresh()

    def _draw_bar(self) -> None:
        with box("phone-bar"):
            with box("owner") as owner:
                self._initial = text(initial(self.owner.name), "avatar avatar-owner").props(
                    'aria-hidden="true"'
                )
                self._name = text(self.owner.name, "owner-name")
                text("▾", "owner-more").props('aria-hidden="true"')
            owner.props(f'data-testid="owner-{self.side}" aria-haspopup="dialog"')
            on_press(owner, lambda: open_picker(self))
            with box("tabs"):
                chat_button = button("公众号", "tab", lambda: self.show_tab("chat"), "tab-chat")
                mini_button = button("小程序", "tab", lambda: self.show_tab("mini"), "tab-mini")
        self._tab_buttons: dict[Tab, Tag] = {"chat": chat_button, "mini": mini_button}

    def _draw_screen(self) -> None:
        self._screen.clear()
        with self._screen:
            self._draw_status_bar()
            chat_face = box("face")
            mini_face = box("face")
            text("", "home-line")
            self.overlay = Overlay()
        with chat_face:
            self.chat = Chat(self)
        with mini_face:
            self.mini = MiniApp(self)
        faces: dict[Tab, Element] = {"chat": chat_face, "mini": mini_face}
        self._tabs = {name: (tab_button, faces[name]) for name, tab_button in self._tab_buttons.items()}
        self._tabs["mini"][1].classes(**_class_switch("is-hidden", self.tab != "mini"))
        self._tabs["chat"][1].classes(**_class_switch("is-hidden", self.tab != "chat"))
        for name, tab_button in self._tab_buttons.items():
            _press_tab(tab_button, name == self.tab)

    def _draw_status_bar(self) -> None:
        with box("status-bar"):
            self._clock = text(
                local(self.page_state.now).strftime("%H:%M"), "status-time", f"status-time-{self.side}"
            )
            text("", "island")
            with box("status-icons"):
                drawing(icons.SIGNAL, "status-signal")
                text("5G")
                drawing(icons.BATTERY, "status-battery")

    def _show_unread(self, unread: int) -> None:
        self._unread = unread
        tab_button = self._tab_buttons["chat"]
        tab_button.props["data-unread"] = str(min(unread, 99)) if unread else ""
        tab_button.classes(**_class_switch("has-unread", unread > 0))
        tab_button.update()


def _press_tab(tab_button: Tag, is_active: bool) -> None:
    tab_button.classes(**_class_switch("is-active", is_active))
    tab_button.props["aria-pressed"] = str(is_active).lower()


def _class_switch(name: str, on: bool) -> dict[str, str]:
    return {"add": name} if on else {"remove": name}
