"""A shop in a test: a member with a voucher, and staff whose phones speak to /clerk as browsers do."""

import re
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from loyalty.members.codes import member_code
from loyalty.rewards.commands import Redeem
from loyalty.vouchers.rotating import voucher_code_now
from loyalty.vouchers.views import voucher_of_code
from operators.access.people import add_operator
from operators.roles import Role
from tests.house import House
from tests.ledger import KEYS, rules_with
from tests.operators.desks import PASSWORD, Person, owner_desk

CUP = {
    "id": "cup",
    "name": "杯子",
    "kind": "voucher",
    "price_points": 30,
    "valid_days": 2,
    "terms": "到店领取 <一份>",
}
STORES = [{"id": "one", "name": "人民路店"}, {"id": "two", "name": "解放路店"}]


@dataclass(frozen=True)
class Seen:
    """A page as a browser gets it."""

    status: int
    text: str
    headers: Any

    @property
    def words(self) -> str:
        """The page without its tags."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))


@dataclass
class Phone:
    """A browser on somebody's phone: it keeps the cookie and names the Origin."""

    url: str
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)
    entered: Seen | None = None
    """The answer to the log-in."""

    async def get(self, path: str = "") -> Seen:
        return await self.send("GET", path)

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Seen:
        return await self.send("POST", path, {"Origin": self.url} if headers is None else headers, fields)

    async def send(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        fields: dict[str, str] | None = None,
    ) -> Seen:
        cookie = (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            if self.cookies
            else {}
        )
        async with self.session.request(
            method,
            f"{self.url}/clerk{path}",
            headers={**cookie, **(headers or {})},
            data=fields,
            allow_redirects=False,
        ) as answer:
            self.cookies |= {name: morsel.value for name, morsel in answer.cookies.items()}
            return Seen(answer.status, await answer.text(), answer.headers)


@dataclass
class Shop:
    """The house, and a member who has bought cups."""

    house: House
    member_id: int

    async def code(self, member_id: int | None = None) -> str:
        """The code of a cup that is bought now."""
        bought: Any = (await self.house.ledger.run(Redeem, member_id or self.member_id, reward="cup")).outcome
        return str(bought.voucher)

    def member_code(self) -> str:
        """What the member's phone shows now."""
        return member_code(KEYS, self.member_id, self.house.clock.now()).code

    async def changing(self, code: str) -> str:
        """What the member's phone shows now for the voucher with this permanent code."""
        key = await voucher_of_code(code)
        assert key is not None
        return voucher_code_now(KEYS, key, self.house.clock.now()).code

    def phone(self) -> Phone:
        """A phone on which nobody has logged in."""
        return Phone(self.house.server_url, self.house.http)

    async def hired(self, name: str, role: Role, store: str | None) -> tuple[str, Person]:
        """The one-time password of a new operator."""
        once = await add_operator(owner_desk(self.house.ledger), name, role, store)
        return once, Person(self.house.ledger, name)

    async def staff(self, name: str, role: Role = "clerk", store: str | None = None) -> Phone:
        """The phone of a new operator, who has set everything up on it."""
        once, person = await self.hired(name, role, store)
        phone = self.phone()
        asked = await phone.post("/login", name=name, password=once, code="")
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', asked.text))
        person.secret = hidden["secret"]
        fields = hidden | {"password": PASSWORD, "again": PASSWORD, "code": person.code()}
        phone.entered = await phone.send("POST", "/set-up", {"Origin": phone.url}, fields)
        return phone


async def open_shop(house: House) -> Shop:
    """A shop whose member has 5,000 points."""
    await house.ledger.publish(rules_with(rewards=[CUP], stores=STORES, welcome={"points": 5_000}))
    member_id = await house.ledger.member()
    await house.resources.pool.execute("UPDATE member SET nickname = '小明' WHERE member_id = $1", member_id)
    return Shop(house, member_id)
