"""Elements over a phone's screen: sheets from below, dialogs in the middle, toasts that disappear."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from nicegui import ui
from nicegui.element import Element

from emulator.phone.clients.http_call import CallFailed
from emulator.phone.elements.tags import Action, box, button, text

TOAST_S = 2.4
_T = TypeVar("_T")


class Overlay:
    """The overlay of one phone; shows one sheet or dialog at a time."""

    def __init__(self) -> None:
        self._backdrop = box("curtain is-hidden", "overlay")
        self._backdrop.on("click.self", self.close)
        self._closed: Callable[[], None] = _nothing
        self._toasts = box("toasts").props('aria-live="polite"')

    @contextmanager
    def sheet(
        self, title: str = "", test_id: str = "", *, name: str = "", closed: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Show a sheet at the bottom of the screen; the block draws its content. Without a title it needs a `name`.

        `closed` is called when it goes away, for whatever reason.
        """
        with self._panel("sheet", title, test_id, name):
            self._closed = closed or _nothing
            yield

    @contextmanager
    def dialog(self, title: str = "", test_id: str = "", *, name: str = "") -> Iterator[None]:
        """Show a dialog in the middle of the screen; the block draws its content. Without a title it needs a `name`."""
        with self._panel("dialog", title, test_id, name):
            yield

    def close(self) -> None:
        """Close the sheet or dialog."""
        self._backdrop.classes("is-hidden")
        self._backdrop.clear()
        closed, self._closed = self._closed, _nothing
        closed()

    def toast(self, message: str) -> None:
        """Show `message` for `TOAST_S` seconds."""
        if self._toasts.is_deleted:
            return
        with self._toasts:
            toast = text(message, "toast", "toast")
            ui.timer(TOAST_S, lambda: drop(toast), once=True)

    async def attempt(self, work: Awaitable[_T]) -> _T | None:
        """The result of `work`; None if it raised CallFailed, whose message is then shown as a toast."""
        try:
            return await work
        except CallFailed as failure:
            self.toast(str(failure))
            return None

    @contextmanager
    def _panel(self, kind: str, title: str, test_id: str, name: str) -> Iterator[None]:
        self.close()
        with self._backdrop, box(f"panel {kind}", test_id or kind, "modal-dialog") as panel:
            panel.props.update({"role": "dialog", "aria-modal": "true", "aria-label": title or name})
            panel.props["tabindex"] = "-1"  # a press between its buttons leaves the focus in it
            panel.on("keydown.escape", self.close)
            if title:
                text(title, "panel-title")
            yield
        self._backdrop.classes(remove="is-hidden")


def _nothing() -> None:
    """For a sheet whose end interests nobody."""


def choice(label: str, action: Action, test_id: str = "", classes: str = "") -> None:
    """A button over the width of a sheet."""
    button(label, f"choice {classes}", action, test_id)


def drop(element: Element) -> None:
    """Delete the element, unless it was deleted with its parent."""
    if not element.is_deleted:
        element.delete()
