"""Members who use both doors and keep a history: WeChat's pushes with their three tries, and the mini-program's requests."""

import asyncio
import itertools
import random
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from jifen.channels.windows import Trigger
from jifen.emulator import events
from jifen.emulator.phones import phone_of
from jifen.emulator.push import Delivery, deliver
from jifen.emulator.windows import open_window
from tests.emulator.harness import Phone
from tests.faults.history import Asked, History
from tests.faults.installation import Installation
from tests.wechat.pushes import parsed

REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=15)
GOT = re.compile(r"([\d,]+) 分已到账|签到成功 \+([\d,]+) 分")
PAID = re.compile(r"用了 ([\d,]+) 分")
CODE = re.compile(r"券码 (\w+)")
DONE = ("签到成功", "已到账", "恭喜抽中", "这次没有抽中", "兑换成功")
REFUSED = ("已经签到过了", "积分不够", "次数用完了", "已经兑完", "太晚")
NOTHING_SAID = ("开小差", "还没有办理")
"""An apology, and the request to come again later: what becomes of the message is not known by them."""
_NUMBERS = itertools.count(1)


@dataclass
class Member:
    """One phone, its member, and its session."""

    crowd: "Crowd"
    phone: Phone
    member_id: int
    headers: dict[str, str]
    read: set[int] = field(default_factory=set)

    async def say(self, text: str) -> Asked:
        """Write to the account: pushed three times at most, five seconds each."""
        return await self.push(self.message(text), "message")

    def message(self, text: str) -> dict[str, Any]:
        """The push of a text, not sent yet."""
        world = self.crowd.installation.emulator.world
        return events.text_message(world, phone_of(world, self.phone.phone_id), text)

    def tap(self, key: str) -> dict[str, Any]:
        """The push of a menu button, not sent yet."""
        world = self.crowd.installation.emulator.world
        return events.click(world, phone_of(world, self.phone.phone_id), key)

    async def push(self, fields: dict[str, Any], trigger: Trigger = "click") -> Asked:
        """Push it, for the first time or again."""
        words = str(fields.get("Content") or fields.get("EventKey"))
        command = {"签到": "check_in", "抽奖": "draw", "兑换": "redeem"}[words.split()[0]]
        key = f"oa:{parsed(plain_xml(fields)).message_key}"
        request = self.crowd.history.find(self.member_id, key)
        if request is None:
            request = self.crowd.history.ask(self.member_id, key, command)
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
        world = self.crowd.installation.emulator.world
        open_window(world, self.phone.oa_openid, trigger)
        delivery = await deliver(world, world.config.oa, fields)
        self.crowd.history.statuses[f"push {delivery.fault or 'answered'}"] += 1
        request.tries += delivery.attempts
        hear_text(request, delivery)

    async def _post(self, command: str, path: str, body: Any, *, effects: int = 1) -> Asked:
        key = f"f-{next(_NUMBERS)}"
        request = self.crowd.history.ask(self.member_id, f"api:{key}", command, effects=effects)
        request.again = partial(self._send, request, path, body, key)
        await request.again()
        return request

    async def _send(self, request: Asked, path: str, body: Any, key: str) -> None:
        headers = {**self.headers, "Idempotency-Key": key}
        url = f"{self.crowd.installation.front.url}/api/v1{path}"
        request.tries += 1
        try:
            async with self.crowd.http.post(url, json=body, headers=headers) as answer:
                told = await answer.json(content_type=None)
                self.crowd.history.statuses[str(answer.status)] += 1
                request.replayed += answer.headers.get("Idempotency-Replayed") == "true"
                hear_json(request, answer.status, told)
        except (aiohttp.ClientError, TimeoutError) as error:
            self.crowd.history.statuses[type(error).__name__] += 1


def hear_text(request: Asked, delivery: Delivery) -> None:
    """What a push came to, in the words a member reads."""
    if delivery.fault is not None:
        return
    if delivery.reply is None:
        if request.verdict == "unknown":
            request.hear("promised", None)
        return
    read_text(request, delivery.reply.content)


def read_text(request: Asked, text: str) -> None:
    """An answer in words."""
    if any(words in text for words in DONE):
        got = sum(int(part.replace(",", "")) for found in GOT.findall(text) for part in found if part)
        paid = sum(int(part.replace(",", "")) for part in PAID.findall(text))
        request.hear("done", text, delta=got - paid, codes=tuple(CODE.findall(text)))
    elif any(words in text for words in REFUSED):
        request.hear("refused", text)
    else:
        assert any(words in text for words in NOTHING_SAID), f"unheard of: {text}"


def hear_json(request: Asked, status: int, told: Any) -> None:
    """What a request came to; 5xx leaves it unknown."""
    if status >= 500:
        return
    told = {name: value for name, value in told.items() if name != "request_id"}
    if status >= 400:
        request.hear("refused", told)
        return
    draws = told.get("draws", ())
    got = sum(draw["prize"]["points"] for draw in draws) if request.command == "draw" else 0
    delta = {
        "check_in": told.get("points", 0),
        "draw": got - told.get("cost_points", 0),
        "redeem": -told.get("points", 0),
        "cancel": told.get("points", 0) - told.get("lapsed", 0),
    }[request.command]
    vouchers = [draw["prize"]["voucher"] for draw in draws] + [told.get("voucher")]
    request.hear("done", told, delta=delta, codes=tuple(code for code in vouchers if code))


def plain_xml(fields: dict[str, Any]) -> str:
    """The fields as the server reads them, for the key it will use."""
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</xml>"


@dataclass
class Crowd:
    """Members of one installation with one history."""

    installation: Installation
    history: History
    http: aiohttp.ClientSession
    members: list[Member]

    async def busy(self, seconds: float, seed: int | None = None) -> None:
        """Let all of them do things, each one after the other, for as long as that."""
        ends = asyncio.get_running_loop().time() + seconds
        dice = [random.Random(f"{seed}:{number}") for number in range(len(self.members))]  # noqa: S311  # a repeatable order
        await asyncio.gather(
            *(self._one_busy(member, ends, its) for member, its in zip(self.members, dice, strict=True))
        )

    async def _one_busy(self, member: Member, ends: float, dice: random.Random) -> None:
        while asyncio.get_running_loop().time() < ends:
            await member.act(dice)

    async def settle(self, within_s: float = 60.0) -> None:
        """Repeat what is unknown and wait for what was promised, until everything is known."""
        give_up = asyncio.get_running_loop().time() + within_s
        while left := self.history.of("unknown", "promised"):
            assert asyncio.get_running_loop().time() < give_up, f"never answered: {left[:3]} of {len(left)}"
            await asyncio.gather(*(self._repeat(member, left) for member in self.members))
            await asyncio.sleep(0.05)

    async def _repeat(self, member: Member, left: list[Asked]) -> None:
        """One member's open requests, one after the other, as a person would."""
        for request in left:
            if request.member_id == member.member_id and request.verdict == "unknown":
                await request.again()
            elif request.member_id == member.member_id:
                await look_into_inbox(member, request)

    async def check(self) -> None:
        """History and database agree before and after what is unknown was repeated, and no invariant is broken."""
        async with self.installation.pool() as pool:
            assert await self.history.problems(pool) == []
            await self.settle()
            assert await self.history.problems(pool) == []
        await self.installation.assert_clean()


async def look_into_inbox(member: Member, request: Asked) -> None:
    """A promised answer comes as a customer-service message."""
    for item in await member.phone.inbox("custom"):
        if item["id"] not in member.read and speaks_of(request.command, item["content"]):
            member.read.add(item["id"])
            read_text(request, item["content"])
            return


def speaks_of(command: str, text: str) -> bool:
    """Whether a chat answer is one to this command."""
    return {"check_in": "签到", "draw": "抽", "redeem": "兑"}[command] in text


@asynccontextmanager
async def open_crowd(
    installation: Installation, count: int, *, following: bool = True
) -> AsyncIterator[Crowd]:
    """New members with sessions; they follow the account, without a push."""
    async with aiohttp.ClientSession(timeout=REQUEST_TIMEOUT) as http:
        crowd = Crowd(installation, History(), http, [])
        crowd.members += await asyncio.gather(*(_member(crowd, following) for _ in range(count)))
        async with installation.pool() as pool:
            ids = [member.member_id for member in crowd.members]
            for row in await pool.fetch(
                "SELECT member_id, available FROM account WHERE member_id = ANY($1)", ids
            ):
                crowd.history.opening[row["member_id"]] = row["available"]
        yield crowd


async def _member(crowd: Crowd, following: bool) -> Member:
    phone = await crowd.installation.emulator.phone(f"会员{secrets.token_hex(2)}")
    told = await log_in(crowd, phone)
    if following:
        await phone.follow()
    headers = {"Authorization": f"Bearer {told['token']}"}
    return Member(crowd, phone, told["member"]["member_id"], headers)


async def log_in(crowd: Crowd, phone: Phone) -> Any:
    """A session; a code works once, so a login whose outcome is unknown is begun anew, as the mini-program does."""
    url = f"{crowd.installation.front.url}/api/v1/session"
    for _ in range(5):
        async with crowd.http.post(url, json={"code": await phone.login()}) as answer:
            told = await answer.json()
            if answer.status == 200:
                return told
            assert answer.status == 503, told
        await asyncio.sleep(0.2)
    raise AssertionError(told)
