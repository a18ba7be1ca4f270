"""The web page: a top bar with the demo's clock, a guide, and two phones, refreshed every second."""

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI, Request
from nicegui import app as pages_app
from nicegui import ui

from emulator.config import EmulatorConfig
from emulator.phone.clients.control import FIRST_OWNERS, ControlClient, Owner
from emulator.phone.clients.http_call import CallFailed, open_client
from emulator.phone.elements.icons import CUP_BADGE
from emulator.phone.elements.tags import box, text
from emulator.phone.guide import draw_guide
from emulator.phone.handset import Handset
from emulator.phone.page_state import PageState
from emulator.phone.top_bar import TopBar

POLL_S = 1.0
LOOPBACK = {"127.0.0.1", "localhost"}
"""The names of this machine under which the server lets its page be embedded."""
_CLOCK_MOVED = timedelta(minutes=30)
"""A greater step between two polls means that someone moved the clock, so an open mini-program loads its page again."""
_STYLES = ("frame.css", "chat/chat.css", "miniapp/miniapp.css")
_SCRIPTS = ("elements/elements.js", "miniapp/miniapp.js")


def mount_phone(app: FastAPI, config: EmulatorConfig) -> None:
    """Serve the phone page at `/` and `/phone` of `app`. Mount it after all routes: it answers every path that they do not."""
    css = "\n".join(_read(name) for name in _STYLES)
    script = "".join(f"<script>{_read(name)}</script>" for name in _SCRIPTS)
    lock = asyncio.Lock()
    clients: list[httpx.AsyncClient] = []

    async def close() -> None:
        while clients:
            await clients.pop().aclose()

    async def show(request: Request, left: str = "", right: str = "") -> None:
        if not clients:
            clients.append(open_client())
        state = PageState(
            clients[0],
            ControlClient(clients[0], f"http://127.0.0.1:{config.port}"),
            app_url(config.api_base_url, request.url.hostname),
        )
        ui.add_css(css)
        ui.add_head_html(script)
        try:
            async with lock:
                await _create_first_owners(state)
        except CallFailed as failure:
            text(str(failure), "page-sorry")
            return
        PhonePage(state, left, right)

    for path in ("/", "/phone"):
        ui.page(path)(show)
    pages_app.on_shutdown(close)
    ui.run_with(
        app,
        title="积分 Jifen · 模拟微信",
        favicon=CUP_BADGE,
        language="zh-CN",
        tailwind=False,
        show_welcome_message=False,
    )


def app_url(server: str, host: str | None) -> str:
    """The address of the mini-program's page at the `server`, under the name of this machine by which the phone page was opened.

    To a browser 127.0.0.1 and localhost are two sites, and the page of another site in a frame may be refused its storage.
    """
    known = urlsplit(server)
    if {known.hostname, host} <= LOOPBACK:
        known = known._replace(netloc=f"{host}:{known.port}")
    return f"{known.geturl()}/app/"


def _read(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


async def _create_first_owners(state: PageState) -> None:
    """Load the page's state; on the first visit create the phones of `FIRST_OWNERS`."""
    await state.refresh()
    for name in FIRST_OWNERS[len(state.owners) :]:
        await state.control.create(name)
    await state.refresh()


class PhonePage:
    """The page in one browser tab."""

    def __init__(self, state: PageState, left: str, right: str) -> None:
        self._state = state
        self._client = ui.context.client
        first, second = _choose_owners(state.owners, left, right)
        with box("page"):
            self._top = TopBar(state, self._poll)
            with box("table shows-left") as table:
                draw_guide()
                self._left = Handset(state, "left", first, self._show_owners_in_address)
                self._right = Handset(state, "right", second, self._show_owners_in_address)
            self._top.draw_switch(table)
            self._top.name_switch(first.name, second.name)
        self._left.other, self._right.other = self._right, self._left
        ui.timer(POLL_S, self._poll)

    async def _poll(self) -> None:
        before = self._state.now
        try:
            await self._state.refresh()
            for phone in (self._left, self._right):
                await phone.poll()
        except CallFailed as failure:
            self._top.show_error(str(failure))
            return
        self._top.show_now()
        if self._state.now - before > _CLOCK_MOVED:
            for phone in (self._left, self._right):
                if phone.tab == "mini":
                    phone.mini.refresh()

    def _show_owners_in_address(self) -> None:
        address = f"?left={self._left.owner.phone_id}&right={self._right.owner.phone_id}"
        with self._client:
            ui.navigate.history.replace(address)
        self._top.name_switch(self._left.owner.name, self._right.owner.name)


def _choose_owners(owners: list[Owner], left: str, right: str) -> tuple[Owner, Owner]:
    """The owners named in the address, else those of the oldest phones; never the same one twice."""
    by_id = {owner.phone_id: owner for owner in owners}
    first = by_id.get(left) or next(owner for owner in owners if owner.phone_id != right)
    second = by_id.get(right)
    if second is None or second == first:
        second = next(owner for owner in owners if owner != first)
    return first, second
