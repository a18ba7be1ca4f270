"""The few kinds of element every screen is made of. `mark` becomes `data-testid`, the handle for browser tests."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

Deed = Callable[[], Awaitable[object] | None]
_E = TypeVar("_E", bound=Element)


class Tag(TextElement):
    """An HTML element holding plain text; markup in it is shown, never interpreted."""

    def __init__(self, tag: str, text: str, classes: str = "", mark: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)
        _marked(self, mark)


def box(classes: str, mark: str = "") -> Element:
    """An empty block."""
    return _marked(ui.element("div").classes(classes), mark)


def text(content: str, classes: str = "", mark: str = "") -> Tag:
    """A block of plain text."""
    return Tag("div", content, classes, mark)


def picture(source: str, classes: str, alt: str) -> Element:
    """An image the browser loads by itself."""
    image = ui.element("img").classes(classes)
    image.props["src"] = source
    image.props["alt"] = alt
    return image


def drawing(svg: str, classes: str = "") -> Element:
    """Inline SVG written by this package; whatever it shows of the outside must be escaped already."""
    return ui.html(svg, sanitize=False).classes(f"drawing {classes}")


def press(label: str, classes: str, deed: Deed, mark: str = "") -> Tag:
    """A button; further presses are ignored until the deed is done."""
    button = Tag("button", label, f"press {classes}", mark)
    button.props["type"] = "button"
    on_press(button, deed)
    return button


def on_press(element: Element, deed: Deed) -> None:
    """Let `element` do `deed` when pressed, one at a time."""
    busy = False

    async def pressed() -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        element.classes("is-busy")
        try:
            outcome = deed()
            if inspect.isawaitable(outcome):
                await outcome
        finally:
            busy = False
            if not element.is_deleted:
                element.classes(remove="is-busy")

    element.on("click", pressed)
    if element.tag != "button":
        element.props('role="button" tabindex="0"').on("keydown.enter", pressed)


def _marked(element: _E, mark: str) -> _E:
    if mark:
        element.props["data-testid"] = mark
    return element
