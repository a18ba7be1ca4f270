"""The brand's mini-program: its navigation bar, its tab bar, and the page on top of the stack."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nicegui.element import Element

from emulator.phone.clients.http_call import CallFailed
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.overlay import Overlay
from emulator.phone.elements.tags import box, button, drawing, on_press, text
from emulator.phone.phone_protocol import Invitation, Phone

TABS = (
    ("home", "首页", icons.HOME),
    ("wheel", "抽奖", icons.WHEEL),
    ("rewards", "兑换", icons.GIFT),
    ("mine", "我的", icons.PERSON),
)


@dataclass(frozen=True)
class Page:
    """A page of the mini-program: `load` calls the API, `build` draws its result."""

    title: str
    load: Callable[[MemberApi, "Mini"], Awaitable[Any]]
    build: Callable[["Mini", Any], None]


class Mini:
    """The mini-program on one phone. It logs in at its first call of the API."""

    def __init__(self, phone: Phone, pages: Mapping[str, Page]) -> None:
        self.phone = phone
        self._pages = pages
        self.invitation: Invitation | None = None
        self.busy = False
        self.rotations: dict[str, float] = {}
        self._stack = ["home"]
        self._shown: tuple[str, Any] | None = None
        self._is_opening = True
        self._navigation()
        self._face = box("mini-face")
        self._tab_bar = box("mini-tabs")
        self._draw_tabs()

    @property
    def api(self) -> MemberApi:
        """The server's API as the phone's owner calls it."""
        return self.phone.api

    @property
    def overlay(self) -> Overlay:
        """The layer in which the phone shows sheets, dialogs and toasts."""
        return self.phone.overlay

    async def open(self, name: str) -> None:
        """Open a page: a tab's page replaces the stack of pages, any other is put on top."""
        self.set_page(name)
        await self.refresh()

    async def open_path(self, path: str) -> None:
        """Open the page of a released path without drawing it; an unknown or empty path opens the first page."""
        self.set_page(_RELEASED.get(path.partition("?")[0].removeprefix("/"), "home"))

    def set_page(self, name: str) -> None:
        """Open a page without drawing it; the next refresh draws it."""
        self._stack = [name] if name in _TAB_NAMES else [*self._stack, name]
        self._reset()

    async def back(self) -> None:
        """Go back one page."""
        self._stack = self._stack[:-1] or ["home"]
        self._reset()
        await self.refresh()

    async def refresh(self) -> None:
        """Load the page on top again, and draw it if its data changed. Does nothing while a draw is in flight."""
        if not self.busy:
            await self._load(self._stack[-1])

    async def bind_inviter(self, code: str) -> None:
        """Tell the server who invited this member."""
        if await self.overlay.attempt(self.api.post("/referral/bind", {"code": code})) is not None:
            self.overlay.toast("已记下是好友邀请你来的")
        await self.refresh()

    def _reset(self) -> None:
        self._shown = None
        self._is_opening = True
        self.invitation = None
        self._draw_tabs()

    async def _load(self, name: str) -> None:
        page = self._pages[name]
        self._title.set_text(page.title or self.phone.page_state.brand)
        self._back.set_visibility(len(self._stack) > 1)
        try:
            data = await page.load(self.api, self)
        except CallFailed as failure:
            self._shown = None
            self._redraw(partial(self._draw_error, str(failure)))
            return
        if name == self._stack[-1] and (name, data) != self._shown:
            self._shown = (name, data)
            self._redraw(lambda: page.build(self, data))

    def _redraw(self, build: Callable[[], None]) -> None:
        """Draw the page: one just opened in an element of its own, so that it begins at the top, a known one in its old place."""
        if self._face.is_deleted:
            return
        if self._is_opening:
            self._face.clear()
            with self._face:
                self._body = box("mini-body", "mini-body")
            self._is_opening = False
        self._body.clear()
        with self._body:
            build()

    def _draw_error(self, sentence: str) -> None:
        with box("sorry", "mini-sorry"):
            drawing(icons.PLUG)
            text(sentence, "sorry-text")
            button("重试", "pill-button", self.refresh, "btn-retry")

    def _navigation(self) -> None:
        with box("nav mini-nav"):
            with box("nav-side"):
                self._back = drawing(icons.BACK, "nav-icon").props('data-testid="mini-back"')
                on_press(self._back, self.back, "返回")
            self._title = text("", "nav-title", "mini-title")
            with box("nav-side is-right"):
                drawing(icons.CAPSULE, "capsule")

    def _draw_tabs(self) -> None:
        self._tab_bar.clear()
        with self._tab_bar:
            for name, label, icon in TABS:
                self._tab(name, label, icon)

    def _tab(self, name: str, label: str, icon: str) -> None:
        classes = "mini-tab" + (" is-active" if name == self._stack[0] else "")
        with box(classes, f"mini-tab-{name}") as tab:
            drawing(icon)
            text(label)
        on_press(tab, lambda: self.open(name))


_RELEASED = {
    "pages/wheel/index": "wheel",
    "pages/rewards/index": "rewards",
    "pages/referral/index": "referral",
    "pages/records/index": "entries",
}
_TAB_NAMES = {name for name, _, _ in TABS}


def empty(sentence: str) -> Element:
    """The text in place of an empty list."""
    return text(sentence, "empty", "empty")
