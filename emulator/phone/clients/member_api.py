"""Client of the server's mini-program API for one member: it logs in by itself and retries with the same request key."""

import json
import secrets
from base64 import b64encode

import httpx

from emulator.phone.clients.control import ControlClient
from emulator.phone.clients.http_call import Json, Method, Refused, call


class MemberApi:
    """`/api/v1` for the owner of one phone. Every method raises CallFailed."""

    def __init__(
        self, client: httpx.AsyncClient, api_url: str, control: ControlClient, phone_id: str
    ) -> None:
        self._client = client
        self._base = f"{api_url}/api/v1"
        self._control = control
        self._phone_id = phone_id
        self._token = ""
        self._request_keys: dict[tuple[str, str], str] = {}

    async def get(self, path: str, **params: str) -> Json:
        """The object at `path`."""
        answer: Json = (await self._call("GET", path, params=params)).json()
        return answer

    async def get_all(self, path: str) -> list[Json]:
        """All items of the list at `path`, page after page."""
        page = await self.get(path)
        items: list[Json] = list(page["items"])
        while page.get("next_cursor"):
            page = await self.get(path, cursor=page["next_cursor"])
            items += page["items"]
        return items

    async def post(self, path: str, body: Json) -> Json:
        """Post a request that needs no request key."""
        answer: Json = (await self._call("POST", path, body=body)).json()
        return answer

    async def put(self, path: str, body: Json) -> Json:
        """Set fields of the object at `path`."""
        answer: Json = (await self._call("PUT", path, body=body)).json()
        return answer

    async def post_idempotent(self, path: str, body: Json) -> Json:
        """Post with a request key. After a 5xx or no answer the same request reuses its key, so nothing is spent twice."""
        request = (path, json.dumps(body, sort_keys=True))
        key = self._request_keys.setdefault(request, secrets.token_urlsafe(24))
        try:
            answer = await self._call("POST", path, body=body, key=key)
        except Refused as refused:
            if refused.status < 500:
                del self._request_keys[request]
            raise
        del self._request_keys[request]
        result: Json = answer.json()
        return result

    async def picture(self, path: str, **params: str) -> str:
        """An image as a data URL, because an `img` element cannot send the session token."""
        answer = await self._call("GET", path, params=params)
        kind = answer.headers.get("content-type", "image/png")
        return f"data:{kind};base64,{b64encode(answer.content).decode()}"

    async def _call(
        self,
        method: Method,
        path: str,
        *,
        body: Json | None = None,
        params: dict[str, str] | None = None,
        key: str = "",
    ) -> httpx.Response:
        if not self._token:
            await self._log_in()
        try:
            return await self._send(method, path, body, params, key)
        except Refused as refused:
            if refused.status != 401:
                raise
        await self._log_in()
        return await self._send(method, path, body, params, key)

    async def _send(
        self, method: Method, path: str, body: Json | None, params: dict[str, str] | None, key: str
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        if key:
            headers["Idempotency-Key"] = key
        return await call(self._client, method, self._base + path, body=body, params=params, headers=headers)

    async def _log_in(self) -> None:
        code = await self._control.login_code(self._phone_id)
        session = (await call(self._client, "POST", f"{self._base}/session", body={"code": code})).json()
        self._token = str(session["token"])
