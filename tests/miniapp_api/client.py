"""A mini-program in a test: one session, requests as a phone sends them, answers with status, JSON and headers."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from multidict import CIMultiDictProxy

from loyalty.engine.command import Command
from tests.house import House

_KEYS = itertools.count(1)


@dataclass(frozen=True)
class Answered:
    """What came back; `json` is None for a picture."""

    status: int
    headers: CIMultiDictProxy[str]
    raw: bytes
    json: Any

    @property
    def code(self) -> str | None:
        return self.json.get("code") if isinstance(self.json, dict) else None

    @property
    def replayed(self) -> bool:
        return self.headers.get("Idempotency-Replayed") == "true"


def without_request_id(answer: Answered) -> Any:
    """A problem's JSON without the id of the request."""
    return {name: value for name, value in answer.json.items() if name != "request_id"}


@dataclass
class Mini:
    """One member's mini-program."""

    house: House
    member_id: int
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: str) -> Answered:
        return await send(self.house, "GET", path, self.headers, query=query)

    async def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> Answered:
        keyed = {} if key is None else {"Idempotency-Key": key}
        return await send(self.house, "POST", path, {**self.headers, **keyed, **headers}, body=body)

    async def once(self, path: str, body: Any) -> Answered:
        """Post under a fresh key."""
        return await self.post(path, body, key=f"fresh-{next(_KEYS)}")

    async def put(self, path: str, body: Any) -> Answered:
        return await send(self.house, "PUT", path, self.headers, body=body)

    async def run(self, kind: type[Command], **fields: Any) -> None:
        await self.house.ledger.run(kind, self.member_id, **fields)


async def mini(house: House, name: str = "小明") -> Mini:
    """A new phone that has opened the mini-program and logged in."""
    phone = await house.phone(name)
    headers = await house.session(phone)
    return Mini(house, await house.member_of(phone), headers)


async def send(
    house: House,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    *,
    body: Any = None,
    data: bytes | None = None,
    query: Mapping[str, str] | None = None,
) -> Answered:
    """One request to the API; `body` is sent as JSON, `data` as it is."""
    url = f"{house.server_url}/api/v1{path}"
    async with house.http.request(method, url, headers=headers, json=body, data=data, params=query) as answer:
        raw = await answer.read()
        is_json = answer.content_type.endswith("json")
        return Answered(
            answer.status, answer.headers, raw, await answer.json(content_type=None) if is_json else None
        )
