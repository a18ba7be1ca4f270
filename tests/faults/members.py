"""Members who use both doors and keep a history: WeChat's pushes with their three tries, and the mini-program's requests."""

import itertools
import random
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from channels.windows import Trigger
from emulator import events
from emulator.phones import phone_of
from emulator.push import deliver
from emulator.windows import open_window
from tests.emulator.harness import Phone
from tests.faults.answers import hear_json, hear_text
from tests.faults.history import Asked, History
from tests.faults.installation import Installation
from tests.wechat.pushes import parsed

_NUMBERS = itertools.count(1)


@dataclass
class Member:
    """One phone, its member, and its session."""

    installation: Installation
    history: History
    http: aiohttp.ClientSession
    phone: Phone
    member_id: int
    headers: dict[str, str]
    read: set[int] = field(default_factory=set)

    async def say(self, text: str) -> Asked:
        """Write to the account: pushed three times at most, five seconds each."""
        return await self.push(self.message(text), "message")

    def message(self, text: str) -> dict[str, Any]:
        """The push of a text, not sent yet."""
        world = self.installation.emulator.world
        return events.text_message(world, phone_of(world, self.phone.phone_id), text)

    def tap(self, key: str) -> dict[str, Any]:
        """The push of a menu button, not sent yet."""
        world = self.installation.emulator.world
        return events.click(world, phone_of(world, self.phone.phone_id), key)

    async def push(self, fields: dict[str, Any], trigger: Trigger = "click") -> Asked:
        """Push it, for the first time or again."""
        words = str(fields.get("Content") or fields.get("EventKey"))
        command = {"签到": "check_in", "抽奖": "draw", "兑换": "redeem"}[words.split()[0]]
        key = f"oa:{parsed(plain_xml(fields)).message_key}"
        request = self.history.find(self.member_id, key)
        if request is None:
            request = self.history.ask(self.member_id, key, command)
            request.again = partial(self._push, request, fields, trigger)
        await request.again()
        return request

    async def check_in(self) -> Asked:
        """Sign in in the mini-program."""
        return await self._post("check_in", "/check-ins", {})

    async def draw(self, count: int = 1) -> Asked:
        """Draw in the mini-program."""
        return await self._post("draw", "/wheels/lucky/draws", {"count": count}, effects=count)

    async def redeem(self, reward: str = "cookie") -> Asked:
        """Exchange points in the mini-program."""
        return await self._post("redeem", "/redemptions", {"reward_id": reward, "quantity": 1})

    async def cancel(self, redeemed: Asked) -> Asked:
        """Give back what was redeemed in the mini-program."""
        return await self._post("cancel", f"/redemptions/{redeemed.told['id']}/cancel", {})

    async def act(self, dice: random.Random) -> Asked:
        """Any of these."""
        match dice.randrange(7):
            case 0:
                return await self.say("签到")
            case 1:
                return await self.say("抽奖")
            case 2:
                return await self.say("兑换 1")
            case 3:
                return await self.draw(dice.choice([1, 10]))
            case 4:
                return await self.check_in()
            case 5:
                return await self.say("兑换 2")
            case _:
                redeemed = await self.redeem()
                keeps = redeemed.verdict != "done" or dice.random() < 0.5
                return redeemed if keeps else await self.cancel(redeemed)

    async def _push(self, request: Asked, fields: dict[str, Any], trigger: Trigger) -> None:
        world = self.installation.emulator.world
        open_window(world, self.phone.oa_openid, trigger)
        delivery = await deliver(world, world.config.oa, fields)
        self.history.statuses[f"push {delivery.fault or 'answered'}"] += 1
        request.tries += delivery.attempts
        hear_text(request, delivery)

    async def _post(self, command: str, path: str, body: Any, *, effects: int = 1) -> Asked:
        key = f"f-{next(_NUMBERS)}"
        request = self.history.ask(self.member_id, f"api:{key}", command, effects=effects)
        request.again = partial(self._send, request, path, body, key)
        await request.again()
        return request

    async def _send(self, request: Asked, path: str, body: Any, key: str) -> None:
        headers = {**self.headers, "Idempotency-Key": key}
        url = f"{self.installation.front.url}/api/v1{path}"
        request.tries += 1
        try:
            async with self.http.post(url, json=body, headers=headers) as answer:
                told = await answer.json(content_type=None)
                self.history.statuses[str(answer.status)] += 1
                request.replayed += answer.headers.get("Idempotency-Replayed") == "true"
                hear_json(request, answer.status, told)
        except (aiohttp.ClientError, TimeoutError) as error:
            self.history.statuses[type(error).__name__] += 1


def plain_xml(fields: dict[str, Any]) -> str:
    """The fields as the server reads them, for the key it will use."""
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</xml>"
