"""What slides over a phone's screen: sheets from below, dialogs in the middle, toasts that pass."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from nicegui import ui
from nicegui.element import Element

from emulator.phone.clients.http_call import Trouble
from emulator.phone.elements.tags import Deed, box, press, text

TOAST_S = 2.4
_T = TypeVar("_T")


class Overlay:
    """Belongs to one phone; shows one sheet or dialog at a time."""

    def __init__(self) -> None:
        self._curtain = box("curtain is-hidden", "overlay")
        self._curtain.on("click.self", self.close)
        self._toasts = box("toasts").props('aria-live="polite"')

    @contextmanager
    def sheet(self, title: str = "", mark: str = "") -> Iterator[None]:
        """Fill a sheet that rises from the bottom."""
        with self._panel("sheet", title, mark):
            yield

    @contextmanager
    def dialog(self, title: str = "", mark: str = "") -> Iterator[None]:
        """Fill a dialog in the middle of the screen."""
        with self._panel("dialog", title, mark):
            yield

    def close(self) -> None:
        """Take the sheet or dialog away."""
        self._curtain.classes("is-hidden")
        self._curtain.clear()

    def toast(self, message: str) -> None:
        """Say `message` for a moment."""
        if self._toasts.is_deleted:
            return
        with self._toasts:
            toast = text(message, "toast", "toast")
            ui.timer(TOAST_S, lambda: drop(toast), once=True)

    async def attempt(self, work: Awaitable[_T]) -> _T | None:
        """The result of `work`; None after telling the reader why there is none."""
        try:
            return await work
        except Trouble as trouble:
            self.toast(str(trouble))
            return None

    def ask(
        self, title: str, message: str, yes: str, deed: Callable[[], Awaitable[None]], mark: str = ""
    ) -> None:
        """A question with 取消 and `yes`."""

        async def agreed() -> None:
            self.close()
            await deed()

        with self.dialog(title, mark):
            text(message, "dialog-text")
            with box("dialog-buttons"):
                press("取消", "dialog-no", self.close)
                press(yes, "dialog-yes", agreed, "dialog-yes")

    @contextmanager
    def _panel(self, kind: str, title: str, mark: str) -> Iterator[None]:
        self.close()
        with self._curtain, box(f"panel {kind}", mark or kind):
            if title:
                text(title, "panel-title")
            yield
        self._curtain.classes(remove="is-hidden")


def choice(label: str, deed: Deed, mark: str = "", classes: str = "") -> None:
    """One line of a sheet of choices."""
    press(label, f"choice {classes}", deed, mark)


def drop(element: Element) -> None:
    """Delete the element unless it is gone with its surroundings already."""
    if not element.is_deleted:
        element.delete()
