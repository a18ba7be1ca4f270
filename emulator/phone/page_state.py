"""What the two phones on one browser page share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from emulator.phone.clients.control import ControlClient, Owner
from emulator.phone.clients.http_call import Json

BRAND = "拾光咖啡"
"""The demo's account name; WeChat's API tells an account's name to nobody."""


@dataclass
class PageState:
    """The hand, the server's address, and what the last look brought."""

    client: httpx.AsyncClient
    control: ControlClient
    api_url: str
    brand: str = BRAND
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    menu: list[Json] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)

    async def refresh(self) -> None:
        """Ask the hand for the time, the menu and who has a phone. Raises CallFailed."""
        self.now = await self.control.now()
        self.menu = await self.control.menu()
        self.owners = await self.control.owners()
