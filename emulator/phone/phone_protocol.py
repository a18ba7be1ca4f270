"""The interface of a phone for its parts: chat, mini-program, scanner, owner picker.

`Handset` builds the parts and passes itself to each of them. The parts import this protocol and never `Handset`, so
imports point one way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from emulator.phone.clients.control import Owner
from emulator.phone.clients.http_call import Json
from emulator.phone.clients.inbox import Item
from emulator.phone.elements.overlay import Overlay
from emulator.phone.page_state import PageState

Tab = Literal["chat", "mini"]
CodeKind = Literal["oa", "miniapp"]


@dataclass(frozen=True)
class Invitation:
    """The invitation on the mini-program's screen: the kind of QR code on its poster, and its `code` and `scene`."""

    kind: CodeKind
    referral: Json


class Phone(Protocol):
    """One phone on the page."""

    @property
    def owner(self) -> Owner:
        """The present owner; `change_owner` replaces it."""

    @property
    def other(self) -> "Phone":
        """The second phone on the page, which this one can scan."""

    @property
    def page_state(self) -> PageState:
        """The state that both phones of the page share."""

    @property
    def overlay(self) -> Overlay:
        """The layer in which this phone shows sheets, dialogs and toasts."""

    @property
    def items(self) -> Sequence[Item]:
        """The inbox as far as it is drawn, oldest first."""

    @property
    def invitation(self) -> Invitation | None:
        """The invitation on the screen of the mini-program; None while another page is open."""

    async def change_owner(self, owner: Owner) -> None:
        """Give the phone to `owner` and draw it anew."""

    async def show_tab(self, tab: Tab) -> None:
        """Bring the chat or the mini-program to the front."""

    async def open_page(self, path: str) -> None:
        """Open the mini-program at a page; an unknown path opens its first page, an empty one leaves it where it is."""

    async def refresh(self) -> None:
        """Fetch new inbox items and draw them; a failure is shown as a toast."""
