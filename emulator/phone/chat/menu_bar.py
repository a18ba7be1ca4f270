"""The account's custom menu at the bottom of the chat, with submenus that pop up."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui.element import Element

from emulator.phone.clients.http_call import Json
from emulator.phone.elements.tags import box, button, text

Tap = Callable[[Json], Awaitable[None]]
_FOCUS_OPENER = """(event) => {
    event.target.closest(".menu-cell").querySelector("[aria-expanded]")?.focus();
    emit();
}"""


class MenuBar:
    """Draws the menu as it was created at WeChat; pressing an entry without submenu calls `tap` with it."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._menu: list[Json] | None = None
        self._popups: list[tuple[Element, Element]] = []
        self._bar = box("menu-bar", "menu-bar")
        self._bar.on("keydown.escape", self.close, js_handler=_FOCUS_OPENER)

    def show(self, menu: list[Json]) -> None:
        """Draw `menu` unless it is drawn already."""
        if menu == self._menu:
            return
        self._menu = menu
        self._popups = []
        self._bar.clear()
        self._bar.set_visibility(bool(menu))
        with self._bar:
            for place, entry in enumerate(menu):
                with box("menu-cell"):
                    self._draw_entry(place, entry)

    def close(self) -> None:
        """Close every submenu."""
        for opener, popup in self._popups:
            popup.classes("is-hidden")
            opener.props["aria-expanded"] = "false"

    def _draw_entry(self, place: int, entry: Json) -> None:
        children = entry.get("sub_button") or []
        test_id = f"menu-{place}"
        if not children:
            button(str(entry["name"]), "menu-button", lambda: self._activate(entry), test_id)
            return
        opener = button(f"≡ {entry['name']}", "menu-button", lambda: self._toggle(opener, popup), test_id)
        opener.props["aria-expanded"] = "false"
        with box("menu-popup is-hidden") as popup:
            for row, child in enumerate(children):
                button(str(child["name"]), "menu-item", partial(self._activate, child), f"{test_id}-{row}")
            text("", "menu-tail")
        self._popups.append((opener, popup))

    def _toggle(self, opener: Element, popup: Element) -> None:
        opening = "is-hidden" in popup.classes
        self.close()
        if opening:
            popup.classes(remove="is-hidden")
            opener.props["aria-expanded"] = "true"

    async def _activate(self, entry: Json) -> None:
        self.close()
        await self._tap(entry)
