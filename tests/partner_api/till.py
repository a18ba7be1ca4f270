"""A till in a test: one key, requests as a shop's program sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from partner_api.keys import SCOPES, Key, create_key
from tests.house import House
from tests.miniapp_api.client import Answered


@dataclass
class Till:
    """The holder of a key."""

    house: House
    key: Key
    text: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"}

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answered:
        return await self.send("GET", path, headers)

    async def post(self, path: str, body: Any) -> Answered:
        return await self.send("POST", path, body=body)

    async def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: Any = None,
        data: bytes | None = None,
    ) -> Answered:
        """One request; `headers` in place of the key's own."""
        url = f"{self.house.server_url}/partner/v1{path}"
        sent = self.headers if headers is None else headers
        async with self.house.http.request(method, url, headers=sent, json=body, data=data) as answer:
            raw = await answer.read()
            return Answered(answer.status, answer.headers, raw, await answer.json(content_type=None))


async def till(
    house: House,
    scopes: Sequence[str] = SCOPES,
    *,
    store: str | None = None,
    per_minute: int = 10_000,
    name: str = "收银台",
) -> Till:
    """A till with a fresh key."""
    made = await create_key(
        house.resources.pool, name, list(scopes), store, per_minute, house.clock.now() - timedelta(days=1)
    )
    return Till(house, made.key, made.text)
