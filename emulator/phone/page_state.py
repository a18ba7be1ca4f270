"""The state that both phones of one page share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from emulator.phone.clients.control import ControlClient, Owner
from emulator.phone.clients.http_call import Json

BRAND = "拾光咖啡"
"""The account's name in the demo; WeChat's API has no call that returns it."""


@dataclass
class PageState:
    """The clients of the page, the address of the mini-program, and the answers of the last refresh."""

    client: httpx.AsyncClient
    control: ControlClient
    app_url: str
    brand: str = BRAND
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    menu: list[Json] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)

    async def refresh(self) -> None:
        """Fetch the time, the menu and the phones' owners. Raises CallFailed."""
        self.now = await self.control.now()
        self.menu = await self.control.menu()
        self.owners = await self.control.owners()
