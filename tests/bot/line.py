"""Pushes to the webhook without the emulator's control API: the same format, with the MsgId, time and faults a test wants."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from emulator.config import Account
from emulator.envelope import sign
from emulator.replies import Reply, read_reply
from emulator.wire import PushKeys, build_push
from tests.emulator.harness import Phone
from tests.house import House


@dataclass
class Line:
    """Posts to the house's webhook as the platform would."""

    house: House
    _numbers: Any = field(default_factory=lambda: itertools.count(24_000_000_900_000_001))

    @property
    def url(self) -> str:
        return f"{self.house.server_url}/wechat"

    def text(self, phone: Phone, text: str, **fields: object) -> dict[str, object]:
        """The fields of a text message with a MsgId of its own."""
        return (
            self.message(phone.oa_openid, "text") | {"Content": text, "MsgId": next(self._numbers)} | fields
        )

    def event(self, openid: str, name: str, **fields: object) -> dict[str, object]:
        """The fields of an event."""
        return self.message(openid, "event") | {"Event": name} | fields

    def message(self, openid: str, kind: str) -> dict[str, object]:
        """What all messages have."""
        return {
            "ToUserName": self.house.emulator.config.oa.original_id,
            "FromUserName": openid,
            "CreateTime": int(self.house.clock.now().timestamp()),
            "MsgType": kind,
        }

    async def push(
        self, fields: dict[str, object], *, mode: Any = "safe", form: Any = "xml", miniapp: bool = False
    ) -> Reply | None:
        """Push once and read the reply as strictly as the platform does."""
        config = self.house.emulator.config
        keys = self.keys(config.miniapp if miniapp else config.oa)
        push = build_push(fields, keys, mode, form, int(self.house.clock.now().timestamp()))
        async with self.house.http.post(self.url, params=push.query, data=push.body) as answer:
            assert answer.status == 200, await answer.text()
            return read_reply(await answer.read(), keys, mode, form, fields)

    async def say(self, phone: Phone, text: str, **fields: object) -> str:
        """What the chat answers to a text."""
        reply = await self.push(self.text(phone, text, **fields))
        assert reply is not None
        return reply.content

    def keys(self, account: Account) -> PushKeys:
        """Token and key of an account."""
        config = self.house.emulator.config
        return PushKeys(config.oa_token, config.oa_encoding_aes_key, account.app_id)

    def signed(self, **query: str) -> dict[str, str]:
        """A query that the token has signed."""
        stamp, nonce = str(int(self.house.clock.now().timestamp())), "12345"
        token = self.house.emulator.config.oa_token
        return {"signature": sign(token, stamp, nonce), "timestamp": stamp, "nonce": nonce} | query
