"""The bar above the phones: the product's name, the demo's date and time, and buttons that move the clock."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from nicegui import ui
from nicegui.element import Element

from emulator.phone.clients.http_call import CallFailed
from emulator.phone.elements import icons
from emulator.phone.elements.formats import full_day_text, local
from emulator.phone.elements.overlay import TOAST_S, drop
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.page_state import PageState

_HOUR_S = 3600
_LONGEST_STEP = timedelta(days=6)
_WORKER_PAUSE_S = 2.0
"""Pause between two steps, in which the worker reads the clock and sends what is due."""

_BUTTONS = (
    ("+1 小时", _HOUR_S, "clock-plus-hour"),
    ("+1 天", 24 * _HOUR_S, "clock-plus-day"),
    ("+7 天", 7 * 24 * _HOUR_S, "clock-plus-week"),
    ("+1 个月", 30 * 24 * _HOUR_S, "clock-plus-month"),
)


def stops_until(now: datetime, end: datetime) -> Iterator[datetime]:
    """The stops of the clock on its way: after six days at most, and there also in the morning and in the evening.

    A notice that a night's job writes is sent during the day, so a clock that only stops at night would never see one sent.
    """
    while now < end:
        then = min(now + _LONGEST_STEP, end)
        evening = then.replace(hour=20, minute=50, second=0, microsecond=0)
        if evening > then:
            evening -= timedelta(days=1)
        for stop in (evening.replace(hour=8), evening, then):
            if stop > now:
                yield stop
                now = stop


class TopBar:
    """The bar of one page; `refresh` brings the page up to the new time."""

    def __init__(self, state: PageState, refresh: Callable[[], Awaitable[None]]) -> None:
        self._state = state
        self._refresh = refresh
        self._advancing = False
        with box("top-bar", tag="header") as self._bar:
            with box("brand"):
                drawing(icons.CUP, "brand-logo")
                text("积分 Jifen", "brand-name", tag="h1")
                text("模拟微信", "brand-note")
            self._now = text("", "clock-now", "clock-now")
            with box("leaps"):
                for label, seconds, test_id in _BUTTONS:
                    button(label, "leap", partial(self._advance, seconds), test_id)
        self._toasts = box("clock-toasts", "clock-toast").props('aria-live="polite"')
        self.show_now()

    def show_now(self) -> None:
        """Show the demo's date and time."""
        then = local(self._state.now)
        self._bar.classes(remove="is-troubled")
        self._now.set_text(f"{full_day_text(then.date())} {then:%H:%M}")

    def show_error(self, sentence: str) -> None:
        """Show `sentence` in place of the time."""
        self._bar.classes("is-troubled")
        self._now.set_text(sentence)

    def draw_switch(self, table: Element) -> None:
        """Draw the buttons that choose one phone on a narrow screen, which has room for one."""

        def show(side: str, other: str) -> None:
            table.classes(f"shows-{side}", remove=f"shows-{other}")

        with self._bar, box("phone-switch"):
            self._left = button("", "switch-part switch-left", lambda: show("left", "right"), "show-left")
            self._right = button("", "switch-part switch-right", lambda: show("right", "left"), "show-right")

    def name_switch(self, left: str, right: str) -> None:
        """Label these buttons with the owners' names."""
        self._left.set_text(left)
        self._right.set_text(right)

    async def _advance(self, seconds: int) -> None:
        if self._advancing:
            return
        self._advancing = True
        self._bar.classes("is-leaping")
        try:
            await self._advance_in_steps(seconds)
        except CallFailed as failure:
            self._toast(str(failure))
        finally:
            self._advancing = False
            self._bar.classes(remove="is-leaping")

    async def _advance_in_steps(self, seconds: int) -> None:
        """Move the clock in steps, so that jobs due in between (an expiry warning, say) run at their time."""
        now = local(self._state.now)
        stops = list(stops_until(now, now + timedelta(seconds=seconds)))
        for stop in stops:
            then = local(await self._state.control.advance(int((stop - now).total_seconds())))
            now = stop
            self._toast(f"时间来到 {full_day_text(then.date())} {then:%H:%M}")
            await self._refresh()
            if stop != stops[-1]:
                await asyncio.sleep(_WORKER_PAUSE_S)

    def _toast(self, sentence: str) -> None:
        self._toasts.clear()
        with self._toasts:
            toast = text(sentence, "clock-toast")
            ui.timer(TOAST_S, lambda: drop(toast), once=True)
