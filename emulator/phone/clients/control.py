"""Client of the emulator's control API: phones and their owners, inboxes, the owners' actions, the clock."""

from dataclasses import dataclass
from datetime import datetime

import httpx

from emulator.phone.clients.http_call import Json, call
from emulator.phone.clients.inbox import Item

FIRST_OWNERS = ("小明", "小红")


@dataclass(frozen=True)
class Owner:
    """The owner of a phone."""

    phone_id: str
    name: str
    following: bool


class ControlClient:
    """Typed calls to `/emulator/v1`. Every method raises CallFailed."""

    def __init__(self, client: httpx.AsyncClient, emulator_url: str) -> None:
        self._client = client
        self._base = f"{emulator_url}/emulator/v1"

    async def now(self) -> datetime:
        """The demo's time."""
        return _instant(await self._get("/clock"))

    async def advance(self, seconds: int) -> datetime:
        """Move the demo's clock forward for every process; returns the new time."""
        return _instant(await self._post("/clock", {"advance_s": seconds}))

    async def owners(self) -> list[Owner]:
        """The owners of all phones, oldest phone first."""
        return [_owner(phone) for phone in await self._list("/phones")]

    async def create(self, name: str) -> Owner:
        """Create a phone for `name`."""
        return Owner(str((await self._post("/phones", {"name": name}))["phone_id"]), name, following=False)

    async def inbox(self, phone_id: str, after: int = 0) -> list[Item]:
        """The phone's items with an id greater than `after`, oldest first."""
        items = await self._list(f"/phones/{phone_id}/inbox", after=str(after))
        return [Item.parse(raw) for raw in items]

    async def menu(self) -> list[Json]:
        """The top buttons of the account's custom menu; empty while there is none."""
        buttons: list[Json] = (await self._get("/menu"))["button"]
        return buttons

    async def act(self, phone_id: str, action: str, body: Json | None = None) -> Json:
        """`follow`, `unfollow`, `scan`, `say`, `tap` or `subscribe`; returns when the account has answered."""
        return await self._post(f"/phones/{phone_id}/{action}", body or {})

    async def consents(self, phone_id: str) -> list[Json]:
        """The mini-program's subscribe-message templates, `{template_id, title, left, refused}` each."""
        consents: list[Json] = (await self._get(f"/phones/{phone_id}"))["consents"]
        return consents

    async def phone_number(self, phone_id: str) -> str:
        """The number of the phone."""
        return str((await self._get(f"/phones/{phone_id}"))["phone_number"])

    async def phone_number_code(self, phone_id: str) -> str:
        """A new code that stands for the phone's number, as the button `getPhoneNumber` gives it to the mini-program."""
        return str((await self._post(f"/phones/{phone_id}/phone-number", {}))["code"])

    async def login_code(self, phone_id: str) -> str:
        """A new code, as `wx.login` returns it to the mini-program."""
        return str((await self._post(f"/phones/{phone_id}/login", {}))["code"])

    async def _get(self, path: str) -> Json:
        answer: Json = (await call(self._client, "GET", self._base + path)).json()
        return answer

    async def _list(self, path: str, **params: str) -> list[Json]:
        answer: list[Json] = (await call(self._client, "GET", self._base + path, params=params)).json()
        return answer

    async def _post(self, path: str, body: Json) -> Json:
        answer: Json = (await call(self._client, "POST", self._base + path, body=body)).json()
        return answer


def _instant(answer: Json) -> datetime:
    return datetime.fromisoformat(str(answer["now"]))


def _owner(raw: Json) -> Owner:
    return Owner(str(raw["phone_id"]), str(raw["name"]), following=bool(raw["following"]))
