"""The account's custom menu at the bottom of the chat, with submenus that pop up."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui.element import Element

from emulator.phone.clients.http_call import Json
from emulator.phone.elements.tags import box, press, text

Tap = Callable[[Json], Awaitable[None]]


class MenuBar:
    """Draws the menu as created at WeChat; a leaf button is handed to `tap`."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._menu: list[Json] | None = None
        self._popups: list[Element] = []
        self._bar = box("menu-bar", "menu-bar")

    def show(self, menu: list[Json]) -> None:
        """Draw `menu` unless it is what is drawn already."""
        if menu == self._menu:
            return
        self._menu = menu
        self._popups = []
        self._bar.clear()
        self._bar.set_visibility(bool(menu))
        with self._bar:
            for place, button in enumerate(menu):
                with box("menu-cell"):
                    self._button(place, button)

    def close(self) -> None:
        """Fold every submenu."""
        for popup in self._popups:
            popup.classes("is-hidden")

    def _button(self, place: int, button: Json) -> None:
        children = button.get("sub_button") or []
        mark = f"menu-{place}"
        if not children:
            press(str(button["name"]), "menu-button", lambda: self._leaf(button), mark)
            return
        with box("menu-popup is-hidden") as popup:
            for row, child in enumerate(children):
                press(str(child["name"]), "menu-item", partial(self._leaf, child), f"{mark}-{row}")
            text("", "menu-tail")
        self._popups.append(popup)
        press(f"≡ {button['name']}", "menu-button", lambda: self._toggle(popup), mark)

    def _toggle(self, popup: Element) -> None:
        opening = "is-hidden" in popup.classes
        self.close()
        if opening:
            popup.classes(remove="is-hidden")

    async def _leaf(self, button: Json) -> None:
        self.close()
        await self._tap(button)
