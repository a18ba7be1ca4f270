"""The basic elements of every screen. `test_id` becomes `data-testid`, by which browser tests find an element."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

Action = Callable[[], Awaitable[object] | None]
_E = TypeVar("_E", bound=Element)


class Tag(TextElement):
    """An HTML element holding plain text; markup in it is shown, never interpreted."""

    def __init__(self, tag: str, text: str, classes: str = "", test_id: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)
        _with_test_id(self, test_id)


def box(classes: str, test_id: str = "", tag: str = "div") -> Element:
    """An empty element."""
    return _with_test_id(ui.element(tag).classes(classes), test_id)


def text(content: str, classes: str = "", test_id: str = "", tag: str = "div") -> Tag:
    """An element of plain text."""
    return Tag(tag, content, classes, test_id)


def picture(source: str, classes: str, alt: str) -> Element:
    """An image that the browser loads from the address `source`."""
    image = ui.element("img").classes(classes)
    image.props["src"] = source
    image.props["alt"] = alt
    return image


def drawing(svg: str, classes: str = "") -> Element:
    """Inline SVG, inserted unsanitized: text from outside this package must be escaped by the caller."""
    return ui.html(svg, sanitize=False).classes(f"drawing {classes}")


def button(label: str, classes: str, action: Action, test_id: str = "") -> Tag:
    """A button; further presses are ignored until the action is done."""
    element = Tag("button", label, f"press {classes}", test_id)
    element.props["type"] = "button"
    on_press(element, action)
    return element


def on_press(element: Element, action: Action, name: str = "") -> None:
    """Run `action` when `element` is pressed; further presses are ignored until the action is done.

    An element without words of its own needs a `name`, which a screen reader speaks.
    """
    busy = False

    async def pressed() -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        element.classes("is-busy")
        try:
            outcome = action()
            if inspect.isawaitable(outcome):
                await outcome
        finally:
            busy = False
            if not element.is_deleted:
                element.classes(remove="is-busy")

    element.on("click", pressed)
    if name:
        element.props["aria-label"] = name
    if element.tag != "button":
        element.props('role="button" tabindex="0"')
        element.on("keydown.enter", pressed).on("keydown.space.prevent", pressed)


def _with_test_id(element: _E, test_id: str) -> _E:
    if test_id:
        element.props["data-testid"] = test_id
    return element
