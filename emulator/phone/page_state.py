"""What the two phones on one browser page share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from emulator.phone.clients.control import Hand, Owner
from emulator.phone.clients.http_call import Json

BRAND = "拾光咖啡"
"""The demo's account name; WeChat's API tells an account's name to nobody."""


@dataclass
class Desk:
    """The hand, the server's address, and what the last look brought."""

    client: httpx.AsyncClient
    hand: Hand
    api_url: str
    brand: str = BRAND
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    menu: list[Json] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)

    async def look(self) -> None:
        """Ask the hand for the time, the menu and who has a phone. Raises Trouble."""
        self.now = await self.hand.now()
        self.menu = await self.hand.menu()
        self.owners = await self.hand.owners()
